package dev.parley;

import dev.parley.link.StreamMessages;
import dev.parley.names.ContentTypes;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The codecs that need no mapper, and the calls of all codecs: they tell what a codec of the application did wrong.
 * Any thread may use it.
 */
final class Codecs {
    static final Codec<@Nullable Void> NOTHING = new Nothing();
    private static final Codec<Message> RAW = new Raw();

    private Codecs() {}

    @SuppressWarnings("unchecked") // each codec is the codec of the type that was asked for
    static <T> Codec<T> of(Class<T> type) {
        if (type == Message.class) {
            return (Codec<T>) RAW;
        }
        return type == Void.class || type == void.class
                ? (Codec<T>) NOTHING
                : new JacksonCodec<>(type, null, Message.TEXT_JSON);
    }

    /** Returns true if the codec passes messages on unchanged. */
    static boolean isRaw(Codec<?> codec) {
        return codec == RAW;
    }

    static String checkedBinary(String contentType) {
        if (ContentTypes.isJson(contentType)) {
            throw new IllegalArgumentException("'" + contentType + "' stands for JSON; use Codec.of(…)");
        }
        return Message.checked(contentType);
    }

    /**
     * Writes a value.
     *
     * @throws IllegalArgumentException if the codec cannot write the value
     * @throws IllegalStateException if the codec returned null
     */
    static <T extends @Nullable Object> Message write(Codec<T> codec, T value) {
        Message written;
        try {
            written = codec.write(value);
        } catch (RuntimeException e) {
            throw e instanceof IllegalArgumentException ? e : cannotWrite(codec, e);
        } catch (Exception e) {
            throw cannotWrite(codec, e);
        }
        return notNull(written, codec, "wrote");
    }

    private static IllegalArgumentException cannotWrite(Codec<?> codec, Exception e) {
        return new IllegalArgumentException(
                "a value of the type " + codec + " cannot be written: " + e.getMessage(), e);
    }

    /**
     * Returns the value of a stream that ended without a message: null, if there is no content.
     *
     * @throws ContentException the missing content, if there should be some
     */
    @SuppressWarnings("NullAway") // null is the value of the one type that allows it
    static <T extends @Nullable Object> T ofEnd(Codec<T> codec, Supplier<ContentException> missing) {
        if (codec != NOTHING) {
            throw missing.get();
        }
        return null;
    }

    /**
     * Writes the result of a handler. Null is a result only if there is no content.
     *
     * @throws NullPointerException if the handler returned null
     */
    static <T extends @Nullable Object> Message writeResult(Codec<T> codec, T result) {
        if (result == null && codec != NOTHING) {
            throw new NullPointerException("the handler returned null");
        }
        return write(codec, result);
    }

    /**
     * Reads a value.
     *
     * @throws ContentException if the content is not what the codec reads
     * @throws IllegalStateException if the codec returned null, or its type cannot be read at all
     */
    static <T extends @Nullable Object> T read(Codec<T> codec, Message message) {
        if (codec instanceof Own) {
            return readByOwn(codec, message);
        }
        T value;
        try {
            value = codec.read(message);
        } catch (ContentException e) {
            throw e;
        } catch (Exception e) {
            throw ContentException.bad("the content is not what the type " + codec + " is read from", e);
        }
        return notNull(value, codec, "read");
    }

    private static <T extends @Nullable Object> T readByOwn(Codec<T> codec, Message message) {
        try {
            return codec.read(message);
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static <T> T notNull(@Nullable T result, Codec<?> codec, String did) {
        if (result == null) {
            throw new IllegalStateException(
                    "the codec of the type " + codec + " " + did + " null; it must return a value or throw");
        }
        return result;
    }

    /** A codec of this package. Its unchecked exceptions are passed on unchanged, and it never returns a wrong null. */
    sealed interface Own permits Raw, Nothing, JacksonCodec {}

    private static final class Raw implements Codec<Message>, Own {
        @Override
        public Message write(Message value) {
            return value;
        }

        @Override
        public Message read(Message message) {
            return message;
        }

        @Override
        public String toString() {
            return "Message";
        }
    }

    private static final class Nothing implements Codec<@Nullable Void>, Own {
        @Override
        public Message write(@Nullable Void nothing) {
            return StreamMessages.mark();
        }

        @Override
        public @Nullable Void read(Message message) {
            if (message.contentLength() > 0) {
                int first = message.isJson() ? message.scan().cursor().first() : 0;
                if (first != '{' && first != 'n') {
                    throw ContentException.bad("the content must be empty here", null);
                }
            }
            return null;
        }

        @Override
        public String toString() {
            return "nothing";
        }
    }
}
