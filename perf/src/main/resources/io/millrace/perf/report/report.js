'use strict';

const data = JSON.parse(document.getElementById('data').textContent);
const OTHERS = {
  light: ['#b54708', '#8a3ffc', '#007d79', '#9f1853', '#6f5b00', '#4d5358', '#d12771', '#3b7a1a', '#5a4fcf'],
  dark: ['#ffb86b', '#c8a2ff', '#4fd6d0', '#ff9cc4', '#e3cf5f', '#b8c0c8', '#ff7eb6', '#9bd67a', '#aaa4ff'],
};
const POINTS = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'cross', 'crossRot', 'rectRounded', 'dash', 'line'];
const TEXT_PX = 12;
const BAR_PX = 26;
const PHONE_BAR_PX = 34;
const PHONE_PX = 600;
const PHONE_LABEL = 14;
const drawn = [];

function element(parent, name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  parent.appendChild(made);
  return made;
}

function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

function isDark() {
  return window.matchMedia('(prefers-color-scheme: dark)').matches && !window.matchMedia('print').matches;
}

function colour(name) {
  if (name === data.ours) return variable('ours');
  const others = data.contenders.filter((contender) => contender !== data.ours);
  return OTHERS[isDark() ? 'dark' : 'light'][Math.max(0, others.indexOf(name)) % OTHERS.light.length];
}

function short(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return +(value / 1e6).toPrecision(3) + 'M';
  if (size >= 1e3) return +(value / 1e3).toPrecision(3) + 'k';
  return String(+value.toPrecision(3));
}

/** Of a logarithmic axis only 1, 2 and 5 of each decade, of a crowded one only 1. */
function logTick(value, index, ticks) {
  const decades = Math.log10(ticks[ticks.length - 1].value / ticks[0].value);
  const mantissa = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
  const digit = Math.abs(mantissa - Math.round(mantissa)) < 1e-6 ? Math.round(mantissa) : 0;
  return digit === 1 || (decades < 2.5 && (digit === 2 || digit === 5)) ? short(value) : '';
}

function axis(title, logarithmic) {
  const made = {
    type: logarithmic ? 'logarithmic' : 'linear',
    title: { display: true, text: title, color: variable('ink'), font: { size: TEXT_PX } },
    ticks: { color: variable('ink'), font: { size: TEXT_PX }, autoSkip: true, maxRotation: 0 },
    grid: { color: variable('line') },
  };
  made.ticks.callback = logarithmic ? logTick : (value) => short(value);
  if (!logarithmic) made.beginAtZero = true;
  return made;
}

function isPhone() {
  return window.innerWidth < PHONE_PX;
}

/** On a phone a long label takes two lines, broken at the space that leaves the shorter of both longest. */
function label(text) {
  if (!isPhone() || text.length <= PHONE_LABEL) return text;
  let best = text;
  for (let at = text.indexOf(' '); at > 0; at = text.indexOf(' ', at + 1)) {
    const parts = [text.slice(0, at), text.slice(at + 1)];
    const length = (lines) => Math.max(...[].concat(lines).map((line) => line.length));
    if (length(parts) < length(best)) best = parts;
  }
  return best;
}

function categories(labels) {
  return {
    type: 'category',
    labels,
    ticks: { color: variable('ink'), font: { size: TEXT_PX }, autoSkip: false, maxRotation: 0 },
    grid: { display: false },
  };
}

function lines(chart) {
  const scales = {
    x: chart.labels ? categories(chart.labels) : axis(chart.x, true),
    y: axis(chart.y, true),
  };
  if (!chart.labels) {
    const places = [...new Set(chart.series.flatMap((series) => series.points.map((point) => point.x)))];
    scales.x.afterBuildTicks = (scale) => { scale.ticks = places.map((value) => ({ value })); };
    scales.x.ticks.callback = (value) => String(value);
    scales.x.ticks.autoSkip = false;
  }
  return {
    type: 'line',
    data: {
      datasets: chart.series.map((series) => ({
        label: series.name,
        data: series.points,
        borderColor: colour(series.name),
        backgroundColor: colour(series.name),
        borderWidth: series.name === data.ours ? 4 : 1.75,
        pointStyle: POINTS[data.contenders.indexOf(series.name) % POINTS.length],
        pointRadius: series.name === data.ours ? 5 : 4,
        order: series.name === data.ours ? 0 : 1,
      })),
    },
    options: { scales, plugins: { legend: legend(true) } },
  };
}

function barColour(bar) {
  if (bar.good !== undefined) return variable(bar.good ? 'good' : 'bad');
  return bar.name === data.ours ? variable('ours') : variable('soft');
}

function bars(chart) {
  return {
    type: 'bar',
    data: {
      labels: chart.bars.map((bar) => label(bar.name)),
      datasets: [{
        data: chart.bars.map((bar) => bar.value),
        backgroundColor: chart.bars.map(barColour),
        base: chart.log && chart.base ? chart.base : undefined,
      }],
    },
    options: {
      indexAxis: 'y',
      layout: { padding: { right: 48 } },
      scales: { x: axis(chart.x, chart.log), y: categories(chart.bars.map((bar) => label(bar.name))) },
      plugins: { legend: legend(false) },
    },
    plugins: [barValues],
  };
}

const barValues = {
  id: 'barValues',
  afterDatasetsDraw(chart) {
    const context = chart.ctx;
    context.save();
    context.fillStyle = variable('ink');
    context.font = TEXT_PX + 'px sans-serif';
    context.textBaseline = 'middle';
    chart.getDatasetMeta(0).data.forEach((bar, i) => {
      const right = Math.max(bar.x, bar.base);
      context.fillText(short(chart.data.datasets[0].data[i]), right + 4, bar.y);
    });
    context.restore();
  },
};

function legend(display) {
  return {
    display,
    position: 'bottom',
    labels: { color: variable('ink'), font: { size: TEXT_PX }, usePointStyle: true, boxHeight: 8 },
  };
}

function draw() {
  drawn.splice(0).forEach((chart) => chart.destroy());
  for (const chart of data.charts) {
    const made = chart.bars ? bars(chart) : lines(chart);
    made.options.responsive = true;
    made.options.maintainAspectRatio = false;
    made.options.animation = false;
    drawn.push(new Chart(document.getElementById('chart-' + chart.id), made));
  }
}

function panels() {
  for (const chart of data.charts) {
    const section = element(document.getElementById('charts'), 'section');
    element(section, 'h2', chart.title);
    element(section, 'p', chart.text);
    const plot = element(section, 'div', undefined, 'plot');
    plot.style.height = (chart.bars ? 70 + (isPhone() ? PHONE_BAR_PX : BAR_PX) * chart.bars.length : 440) + 'px';
    const canvas = element(plot, 'canvas');
    canvas.id = 'chart-' + chart.id;
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', chart.title);
  }
}

function table() {
  const target = document.getElementById('table');
  const head = element(target, 'tr');
  data.table.header.forEach((text) => element(head, 'th', text, text === data.ours ? 'ours' : ''));
  for (const row of data.table.rows) {
    const line = element(target, 'tr');
    row.forEach((cell) => element(line, 'td', cell.text, cell.kind));
  }
}

function facts(id, members) {
  const list = document.getElementById(id);
  for (const [name, value] of Object.entries(members)) {
    element(list, 'dt', name);
    element(list, 'dd', String(value));
  }
}

document.getElementById('summary').textContent = data.summary;
if (data.disturbed) document.getElementById('summary').className = 'disturbed';
panels();
table();
data.notes.forEach((note) => element(document.getElementById('notes'), 'li', note));
facts('settings', data.settings);
facts('environment', data.environment);
draw();
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
window.addEventListener('beforeprint', draw);
window.addEventListener('afterprint', draw);
