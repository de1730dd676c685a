package io.millrace;

import io.millrace.error.InvalidConfigurationException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * Sees to it that the libraries may use the packages of the JDK they need, without flags on the command line where the JVM allows it (D14).
 * To be called before any class of theirs is initialised; this class knows none of them.
 *
 * <p>The way: {@code sun.misc.Unsafe}, which is open to everybody, reads the trusted look-up object of {@code java.lang.invoke}; that may call
 * the JDK's own method behind {@code --add-exports}.
 */
final class RuntimeAccess {
    static final String SWITCH = "millrace.export-packages";

    /** What Agrona can't do without. */
    private static final String NEEDED = "jdk.internal.misc";

    /** What makes Chronicle Bytes quiet and fast. */
    private static final String[] WANTED = {"jdk.internal.ref", "sun.nio.ch"};

    private static final String[] WANTED_OPEN = {"java.lang.reflect"};

    private static final String FLAGS = "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED"
            + " --add-exports=java.base/jdk.internal.ref=ALL-UNNAMED"
            + " --add-exports=java.base/sun.nio.ch=ALL-UNNAMED"
            + " --add-opens=java.base/java.lang.reflect=ALL-UNNAMED";

    private static final System.Logger LOG = System.getLogger(RuntimeAccess.class.getName());

    private RuntimeAccess() {}

    /**
     * Exports what is missing.
     *
     * @throws InvalidConfigurationException with the line to add, if the JVM does not allow it or it is switched off
     */
    static void ensure() {
        if (isExported()) {
            return;
        }
        String value = System.getProperty(SWITCH, "true");
        if (value.equals("false")) {
            throw refusal(value, null);
        }
        try {
            export();
        } catch (Throwable failure) {
            throw refusal(value, failure);
        }
        if (!isExported()) {
            throw refusal(value, null);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "exported packages of java.base to the libraries at run time; give the JVM {0} to do without, or -D{1}=false"
                        + " to forbid it",
                FLAGS,
                SWITCH);
    }

    static boolean isExported() {
        return Object.class.getModule().isExported(NEEDED, library());
    }

    /** The module of Agrona: the unnamed one on a class path. Loads no class. */
    private static Module library() {
        return RuntimeAccess.class.getModule();
    }

    private static void export() throws Throwable {
        MethodHandles.Lookup trusted = trustedLookup();
        MethodType type = MethodType.methodType(void.class, String.class);
        MethodHandle exports = trusted.findVirtual(Module.class, "implAddExportsToAllUnnamed", type);
        MethodHandle opens = trusted.findVirtual(Module.class, "implAddOpensToAllUnnamed", type);
        Module base = Object.class.getModule();
        exports.invoke(base, NEEDED);
        for (String name : WANTED) {
            exports.invoke(base, name);
        }
        for (String name : WANTED_OPEN) {
            opens.invoke(base, name);
        }
        if (library().isNamed()) {
            MethodType toModule = MethodType.methodType(void.class, String.class, Module.class);
            trusted.findVirtual(Module.class, "implAddExports", toModule).invoke(base, NEEDED, library());
        }
    }

    /** By reflection: the compiler warns of the name, and the class may be gone in a later JDK. */
    private static MethodHandles.Lookup trustedLookup() throws ReflectiveOperationException {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field instance = type.getDeclaredField("theUnsafe");
        instance.setAccessible(true);
        Object unsafe = instance.get(null);
        Field lookup = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
        Method baseOf = type.getMethod("staticFieldBase", Field.class);
        Method offsetOf = type.getMethod("staticFieldOffset", Field.class);
        Method get = type.getMethod("getObject", Object.class, long.class);
        return (MethodHandles.Lookup)
                get.invoke(unsafe, baseOf.invoke(unsafe, lookup), offsetOf.invoke(unsafe, lookup));
    }

    private static InvalidConfigurationException refusal(String value, Throwable cause) {
        InvalidConfigurationException refusal = new InvalidConfigurationException(
                SWITCH, value, "on this JVM packages can't be exported at run time; start java with " + FLAGS, null);
        if (cause != null) {
            refusal.addSuppressed(cause);
        }
        return refusal;
    }
}
