package io.millrace.error;

/** A setting is unknown or its value is not allowed. The store was not opened. */
public final class InvalidConfigurationException extends MillraceException {

    private static final long serialVersionUID = 1L;

    private final String key;
    private final String value;
    private final String allowed;
    private final String nearestKey;

    /** The key, its value, what is allowed for it (null: the key is unknown), the nearest known key (null: none). */
    public InvalidConfigurationException(String key, String value, String allowed, String nearestKey) {
        super(message(key, value, allowed, nearestKey), null);
        this.key = key;
        this.value = value;
        this.allowed = allowed;
        this.nearestKey = nearestKey;
    }

    public String key() {
        return key;
    }

    public String value() {
        return value;
    }

    /** The allowed values in words; null if the key is unknown. */
    public String allowed() {
        return allowed;
    }

    /** The known key most like this one; null if none is or the key is right. */
    public String nearestKey() {
        return nearestKey;
    }

    private static String message(String key, String value, String allowed, String nearestKey) {
        String setting = key + "=" + value;
        if (allowed != null) {
            return setting + " is not allowed: " + allowed;
        }
        return setting + ": unknown key" + (nearestKey == null ? "" : ", did you mean " + nearestKey + "?");
    }
}
