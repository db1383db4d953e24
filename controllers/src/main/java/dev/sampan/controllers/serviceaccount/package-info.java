/** What every namespace has: the ServiceAccount {@code default} and the cluster's CA in a ConfigMap. No state. */
@NullMarked
package dev.sampan.controllers.serviceaccount;

import org.jspecify.annotations.NullMarked;
