package dev.sampan.apiserver.encryption;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** One way of keeping values. The stored forms are Kubernetes' own. */
sealed interface Provider {

    /** What every sealed value begins with. */
    byte[] ENCRYPTED = "k8s:enc:".getBytes(StandardCharsets.US_ASCII);

    /** Whether a stored value was sealed by this provider. */
    boolean sealed(byte[] stored);

    byte[] seal(String key, byte[] value);

    /** @throws GeneralSecurityException when the value was tampered with, or moved from another key */
    byte[] open(String key, byte[] stored) throws GeneralSecurityException;

    /** Values as they are. */
    record Identity() implements Provider {

        @Override
        public boolean sealed(byte[] stored) {
            return !startsWith(stored, ENCRYPTED);
        }

        @Override
        public byte[] seal(String key, byte[] value) {
            return value;
        }

        @Override
        public byte[] open(String key, byte[] stored) {
            return stored;
        }
    }

    /** AES-GCM with a fresh nonce for each value; the value's key in the store is authenticated with it. */
    record AesGcm(String name, SecretKey secret, SecureRandom random) implements Provider {

        private static final int NONCE = 12;
        private static final int TAG_BITS = 128;

        private byte[] prefix() {
            return ("k8s:enc:aesgcm:v1:" + name + ":").getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public boolean sealed(byte[] stored) {
            return startsWith(stored, prefix());
        }

        @Override
        public byte[] seal(String key, byte[] value) {
            var nonce = new byte[NONCE];
            random.nextBytes(nonce);
            var prefix = prefix();
            try {
                var sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce).doFinal(value);
                var stored = Arrays.copyOf(prefix, prefix.length + NONCE + sealed.length);
                System.arraycopy(nonce, 0, stored, prefix.length, NONCE);
                System.arraycopy(sealed, 0, stored, prefix.length + NONCE, sealed.length);
                return stored;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("AES-GCM is not available", e);
            }
        }

        @Override
        public byte[] open(String key, byte[] stored) throws GeneralSecurityException {
            int start = prefix().length;
            if (stored.length < start + NONCE) {
                throw new GeneralSecurityException("the stored data was shorter than the required size");
            }
            var nonce = Arrays.copyOfRange(stored, start, start + NONCE);
            return cipher(Cipher.DECRYPT_MODE, key, nonce)
                    .doFinal(stored, start + NONCE, stored.length - start - NONCE);
        }

        private Cipher cipher(int mode, String key, byte[] nonce) throws GeneralSecurityException {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, secret, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(key.getBytes(StandardCharsets.UTF_8));
            return cipher;
        }
    }

    private static boolean startsWith(byte[] value, byte[] prefix) {
        return value.length >= prefix.length && Arrays.equals(value, 0, prefix.length, prefix, 0, prefix.length);
    }
}
