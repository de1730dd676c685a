package io.millrace;

/** Makes {@code docs/configuration.md} from the table of settings. */
final class ConfigurationReference {
    private static final String HEAD = """
            # Configuration

            Made from the table in `reactive-api/src/main/java/io/millrace/Setting.java`; a test compares
            (`-Dmillrace.golden=write` writes it anew).

            Sources, the later one wins: the defaults below; `millrace.properties` in the store's directory;
            `StoreOptions.with(...)`; system properties with `millrace.` before the key, for example
            `-Dmillrace.buffer-pool.size=256MiB`. An unknown key or a value that is not allowed fails `Store.open` with an
            `InvalidConfigurationException` that names the key, the value, what is allowed and the nearest known key.

            Sizes take the units B, KiB, MiB, GiB, TiB; durations ns, us, ms, s, m, h.

            The switch `-Dmillrace.export-packages=false` (a system property, no setting) forbids Millrace to export the
            packages of the JDK that its libraries need; `./millrace jvm-flags` prints the options that do so instead.
            """;

    private ConfigurationReference() {}

    static String markdown() {
        StringBuilder text = new StringBuilder(HEAD);
        String group = "";
        for (Setting setting : Setting.values()) {
            String itsGroup = setting.key().substring(0, setting.key().indexOf('.'));
            if (!itsGroup.equals(group)) {
                group = itsGroup;
                text.append("\n## ")
                        .append(group)
                        .append("\n\n| key | default | allowed | what it is |\n| --- | --- | --- | --- |\n");
            }
            text.append("| `")
                    .append(setting.key())
                    .append("` | ")
                    .append(setting.defaultValue().isEmpty() ? "nothing" : "`" + setting.defaultValue() + "`")
                    .append(" | ");
            text.append(setting.allowed())
                    .append(" | ")
                    .append(setting.description())
                    .append(" |\n");
        }
        return text.toString();
    }
}
