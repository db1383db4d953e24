/** Label selectors over fabric8's model, as the API defines them. Stateless. */
@NullMarked
package dev.sampan.controllers.selection;

import org.jspecify.annotations.NullMarked;
