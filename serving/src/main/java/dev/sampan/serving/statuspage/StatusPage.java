package dev.sampan.serving.statuspage;

import dev.sampan.serving.error.Code;
import dev.sampan.serving.http.HttpAnswer;
import dev.sampan.serving.http.HttpApi;
import dev.sampan.serving.http.HttpCall;
import dev.sampan.serving.metrics.ServingMetrics;
import dev.sampan.serving.metrics.VersionStatistics;
import dev.sampan.serving.servable.ServableManager;
import dev.sampan.serving.servable.VersionStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code GET /}: models, versions, traffic, latency and batch sizes since the start, as HTML without scripts. */
public final class StatusPage implements HttpApi {
    private static final String HEAD = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="5">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>Sampan model server</title>
            <style>
            body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #1d2733; }
            h1 { font-size: 1.4rem; margin: 0 } h2 { font-size: 1.15rem; margin: 0 0 .6rem } h3 { font-size: .9rem; margin: 0 0 .3rem; color: #5b6b7b; font-weight: 600 }
            header { display: flex; justify-content: space-between; align-items: baseline; border-bottom: 1px solid #d8dee5; padding-bottom: .7rem; margin-bottom: 1.2rem }
            header p, .quiet { color: #5b6b7b; margin: 0 } section { border: 1px solid #d8dee5; border-radius: 8px; padding: 1rem 1.2rem; margin-bottom: 1.2rem }
            table { border-collapse: collapse; width: 100%; margin: .6rem 0 1.2rem } th, td { text-align: left; padding: .25rem .8rem .25rem 0; border-bottom: 1px solid #eef1f4; vertical-align: top }
            .why td { color: #8c1d12; font-size: .85rem; overflow-wrap: anywhere }
            th { font-weight: 600; color: #5b6b7b; font-size: .85rem } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
            .state { border-radius: 4px; padding: .05rem .45rem; font-size: .8rem; background: #e7ebef } .AVAILABLE { background: #d7f2df; color: #11632c } .failed { background: #fbdfdc; color: #8c1d12 }
            .charts { display: grid; grid-template-columns: 1fr 1fr; gap: 1.5rem } @media (max-width: 40rem) { .charts { grid-template-columns: 1fr } }
            svg { width: 100%; height: auto } text { font: 10px system-ui, sans-serif; fill: #5b6b7b } rect { fill: #2f6fb3 }
            </style></head><body>
            """;

    private final ServableManager manager;
    private final ServingMetrics metrics;
    private final InstantSource clock;
    private final Instant started;

    public StatusPage(ServableManager manager, ServingMetrics metrics, InstantSource clock) {
        this.manager = manager;
        this.metrics = metrics;
        this.clock = clock;
        this.started = clock.instant();
    }

    @Override
    public boolean owns(String path) {
        return path.equals("/");
    }

    @Override
    public HttpAnswer handle(HttpCall call) {
        return call.method().equals("GET")
                ? HttpAnswer.text("text/html; charset=utf-8", html())
                : HttpAnswer.error(Code.INVALID_ARGUMENT, "the status page takes GET");
    }

    private String html() {
        var html = new StringBuilder(HEAD);
        html.append("<header><h1>Sampan model server</h1><p>up ")
                .append(describe(Duration.between(started, clock.instant())))
                .append(" · <a href=\"/monitoring/prometheus/metrics\">metrics</a></p></header>\n");
        var models = manager.models().stream().sorted().toList();
        html.append(models.isEmpty() ? "<p class=\"quiet\">No model is configured.</p>\n" : summary(models));
        if (!models.isEmpty()) {
            html.append("<table><tr><th>model</th><th class=\"n\">version</th><th>state</th>")
                    .append("<th class=\"n\">rows</th><th class=\"n\">requests</th><th class=\"n\">failed</th>")
                    .append(
                            "<th class=\"n\">runs</th><th class=\"n\">mean run</th><th class=\"n\">mean wait</th></tr>\n");
            models.forEach(model -> versions(model, html));
            html.append("</table>\n");
        }
        models.forEach(model -> traffic(model, html));
        return html.append("</body></html>\n").toString();
    }

    private String summary(List<String> models) {
        long serving =
                models.stream().filter(manager.availableModels()::contains).count();
        return "<p class=\"quiet\">" + models.size() + (models.size() == 1 ? " model, " : " models, ")
                + (serving == models.size() ? "all" : serving == 0 ? "none" : serving) + " serving</p>\n";
    }

    private static String describe(Duration time) {
        return time.toHours() > 0
                ? time.toHours() + " h " + time.toMinutesPart() + " min"
                : time.toMinutes() > 0
                        ? time.toMinutes() + " min " + time.toSecondsPart() + " s"
                        : time.toSeconds() + " s";
    }

    private void versions(String model, StringBuilder html) {
        var name = metrics.requests(model).isEmpty()
                ? escape(model)
                : "<a href=\"#" + escape(model) + "\">" + escape(model) + "</a>";
        var versions = manager.versions(model);
        if (versions.isEmpty()) {
            html.append("<tr><td>")
                    .append(name)
                    .append(
                            "</td><td></td><td colspan=\"7\"><span class=\"state failed\">no version</span></td></tr>\n");
        }
        for (var version : versions) {
            html.append("<tr><td>").append(name).append("</td>");
            version(metrics.statistics(model, version.version()), version, html);
            html.append("</tr>\n");
            name = "";
        }
    }

    private static void version(VersionStatistics done, VersionStatus version, StringBuilder html) {
        boolean failed = version.code() != Code.OK;
        cell(Long.toString(version.version()), html);
        html.append("<td><span class=\"state ")
                .append(failed ? "failed" : version.state().name())
                .append("\">")
                .append(version.state())
                .append("</span>")
                .append(version.pagedOut() ? " paged out" : "")
                .append("</td>");
        cell(number(done.rows()), html);
        cell(number(done.success().count()), html);
        cell(number(done.fail().count()), html);
        cell(number(done.executions()), html);
        cell(mean(done.stages().infer.nanos(), done.stages().infer.count()), html);
        cell(mean(done.queue().nanos(), done.queue().count()), html);
        if (failed) {
            html.append("</tr>\n<tr class=\"why\"><td colspan=\"2\"></td><td colspan=\"7\">")
                    .append(escape(version.message()))
                    .append("</td>");
        }
    }

    private void traffic(String model, StringBuilder html) {
        var requests = metrics.requests(model);
        if (requests.isEmpty()) {
            return;
        }
        html.append("<section id=\"")
                .append(escape(model))
                .append("\"><h2>")
                .append(escape(model))
                .append("</h2>\n<p class=\"quiet\">Answers: ");
        requests.forEach((code, count) ->
                html.append(code).append(' ').append(number(count)).append(" &nbsp; "));
        html.append("</p>\n");
        var load = metrics.load(model);
        if (Arrays.stream(load.requests().counts()).sum() > 0) {
            html.append("<div class=\"charts\"><div><h3>latency (p50 ")
                    .append(Chart.micros(load.requests().quantile(0.5)))
                    .append(", p99 ")
                    .append(Chart.micros(load.requests().quantile(0.99)))
                    .append(")</h3>");
            Chart.draw(load.requests(), Chart::micros, html);
            html.append("</div><div><h3>rows of the batches</h3>");
            Chart.draw(load.batches(), bound -> String.format(Locale.ROOT, "%.0f", bound), html);
            html.append("</div></div>");
        }
        html.append("</section>\n");
    }

    private static void cell(String text, StringBuilder html) {
        html.append("<td class=\"n\">").append(text).append("</td>");
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String mean(long nanos, long count) {
        return count == 0 ? "–" : Chart.micros(nanos / 1000.0 / count);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
