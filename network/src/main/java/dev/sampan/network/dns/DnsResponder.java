package dev.sampan.network.dns;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** Turns a query's bytes into an answer's bytes. Safe for several threads. */
final class DnsResponder {

    private static final Logger LOG = LoggerFactory.getLogger(DnsResponder.class);
    private static final int UDP_WITHOUT_EDNS = 512;
    private static final int UDP_MOST = 1232;
    private static final int TCP_MOST = 65_535;

    private final ClusterZone zone;
    private final Forwarder forwarder;
    private final RandomGenerator random;

    /** @param random safe for several threads; shuffles addresses, so that clients that take the first spread over all */
    DnsResponder(ClusterZone zone, Forwarder forwarder, RandomGenerator random) {
        this.zone = zone;
        this.forwarder = forwarder;
        this.random = random;
    }

    /** @return null when the bytes are no query, which deserves no answer */
    byte @Nullable [] respond(byte[] query, boolean udp) {
        Message question;
        try {
            question = new Message(query);
        } catch (IOException e) {
            LOG.debug("not a DNS message: {}", e.getMessage());
            return null;
        }
        if (question.getHeader().getFlag(Flags.QR)) {
            return null;
        }
        int most = udp ? udpLimit(question) : TCP_MOST;
        Record asked = question.getQuestion();
        if (question.getHeader().getOpcode() != Opcode.QUERY) {
            return error(question, Rcode.NOTIMP).toWire(most);
        }
        if (asked == null || (asked.getDClass() != DClass.IN && asked.getDClass() != DClass.ANY)) {
            return error(question, Rcode.FORMERR).toWire(most);
        }
        Optional<ClusterZone.Answer> answer = zone.answer(asked.getName(), asked.getType());
        if (answer.isPresent()) {
            return message(question, answer.get()).toWire(most);
        }
        byte[] elsewhere = forwarder.ask(query, udp);
        return elsewhere != null
                ? elsewhere
                : error(question, forwarder.isEmpty() ? Rcode.REFUSED : Rcode.SERVFAIL)
                        .toWire(most);
    }

    private static int udpLimit(Message question) {
        OPTRecord edns = question.getOPT();
        return edns == null ? UDP_WITHOUT_EDNS : Math.max(UDP_WITHOUT_EDNS, Math.min(UDP_MOST, edns.getPayloadSize()));
    }

    private Message message(Message question, ClusterZone.Answer answer) {
        Message message = error(question, answer.rcode());
        message.getHeader().setFlag(Flags.AA);
        List<Record> records = new ArrayList<>(answer.records());
        Collections.shuffle(records, random);
        records.forEach(entry -> message.addRecord(entry, Section.ANSWER));
        if (records.isEmpty()) {
            message.addRecord(zone.authority(), Section.AUTHORITY);
        }
        answer.additional().forEach(entry -> message.addRecord(entry, Section.ADDITIONAL));
        if (question.getOPT() != null) {
            message.addRecord(new OPTRecord(UDP_MOST, 0, 0), Section.ADDITIONAL);
        }
        return message;
    }

    private static Message error(Message question, int rcode) {
        Message message = new Message(question.getHeader().getID());
        message.getHeader().setFlag(Flags.QR);
        message.getHeader().setFlag(Flags.RA);
        if (question.getHeader().getFlag(Flags.RD)) {
            message.getHeader().setFlag(Flags.RD);
        }
        message.getHeader().setOpcode(question.getHeader().getOpcode());
        message.getHeader().setRcode(rcode);
        Record asked = question.getQuestion();
        if (asked != null) {
            message.addRecord(asked, Section.QUESTION);
        }
        return message;
    }
}
