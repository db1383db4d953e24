/**
 * Encryption at rest: values are sealed on their way into the store and opened on their way out, as an
 * EncryptionConfiguration says. Everything is immutable; the store stays the owner of its state.
 */
@NullMarked
package dev.sampan.apiserver.encryption;

import org.jspecify.annotations.NullMarked;
