/**
 * Admission by servers outside: mutating and validating webhooks. {@link dev.sampan.apiserver.webhook.WebhookIndex} owns
 * the configured webhooks, everything else lives for one request.
 */
@NullMarked
package dev.sampan.apiserver.webhook;

import org.jspecify.annotations.NullMarked;
