package dev.sampan.apiserver.table;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class JsonPathTest {

    private static final String OBJECT = """
            {"status": {"conditions": [
               {"type": "Created", "status": "True"},
               {"type": "Running", "status": "False"},
               {"type": "Succeeded", "status": "True"}]},
             "metadata": {"labels": {"app.kubernetes.io/name": "digits"}}}
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            .status.conditions[-1:].type                     | Succeeded
            .status.conditions[:1].type                      | Created
            .status.conditions[0:3:2].type                   | Created,Succeeded
            .status.conditions[1:].type                      | Running,Succeeded
            .status.conditions[-1].type                      | Succeeded
            .status.conditions[?(@.type=="Running")].status  | False
            .status.conditions[*].status                     | True,False,True
            .metadata.labels['app.kubernetes.io/name']       | digits
            .metadata.labels.app\\.kubernetes\\.io/name       | digits
            .status..type                                    | Created,Running,Succeeded
            ..conditions[0].type                             | Created
            .status.conditions[?(@.type)].status             | True,False,True
            .status.conditions[?(@.reason)].status           | ''
            .status.conditions[?(@.type!="Running")].status  | True,True
            .status.missing[-1:].type                        | ''
            """)
    void findsWhatPrinterColumnsAskFor(String path, String expected) {
        var found = JsonPath.parse(path).find(JsonMapper.builder().build().readTree(OBJECT));

        assertThat(String.join(",", found.stream().map(n -> n.asString("")).toList()))
                .isEqualTo(expected);
    }
}
