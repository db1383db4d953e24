/** Tests of CustomResourceDefinitions, through the whole server. */
@NullMarked
package dev.sampan.apiserver.crd;

import org.jspecify.annotations.NullMarked;
