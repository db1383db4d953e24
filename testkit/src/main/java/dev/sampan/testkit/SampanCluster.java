package dev.sampan.testkit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Starts a cluster of its own before the first test of the class and stops it after the last.
 *
 * <p>Test methods and constructors may take a {@link TestCluster} or a fabric8 {@code KubernetesClient} (the administrator's) as parameter.
 *
 * <pre>{@code
 * @SampanCluster
 * class MyOperatorTest {
 *     @Test
 *     void reconciles(KubernetesClient client) { … }
 * }
 * }</pre>
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SampanClusterExtension.class)
public @interface SampanCluster {}
