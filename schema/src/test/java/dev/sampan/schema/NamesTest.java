package dev.sampan.schema;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {

    @Test
    void acceptsWhatKubernetesAccepts() {
        assertThat(Names.dns1123Subdomain("my-app.v1")).isEmpty();
        assertThat(Names.dns1123Label("123-abc")).isEmpty();
        assertThat(Names.dns1035Label("web")).isEmpty();
        assertThat(Names.qualifiedName("example.com/My.Name_1")).isEmpty();
        assertThat(Names.labelValue("")).isEmpty();
        assertThat(Names.configKey(".dot_KEY-1")).isEmpty();
        assertThat(Names.portName("http2")).isEmpty();
        assertThat(Names.pathSegment("system:masters")).isEmpty();
        assertThat(Names.wildcardDns1123Subdomain("*.example.com")).isEmpty();
        assertThat(Names.envVarName("my.ENV-1")).isEmpty();
    }

    @Test
    void saysWhatIsWrongInKubernetesWords() {
        assertThat(Names.dns1123Subdomain("My_App"))
                .containsExactly(
                        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and"
                                + " must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
                                + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
        assertThat(Names.dns1123Label("a.b")).containsExactly("must not contain dots");
        assertThat(Names.dns1123Label("x".repeat(64))).contains("must be no more than 63 bytes");
        assertThat(Names.qualifiedName("/a")).containsExactly("prefix part must be non-empty");
        assertThat(Names.qualifiedName("a/b/c").getFirst()).startsWith("a qualified name must consist of");
        assertThat(Names.portName("-1-")).hasSize(2);
        assertThat(Names.pathSegment("a/b")).containsExactly("may not contain '/'");
        assertThat(Names.portNumber(0)).containsExactly("must be between 1 and 65535, inclusive");
    }
}
