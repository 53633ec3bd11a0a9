import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.serialization.*;

/** A subscriber of tickets.v1: prints one JSON line for each new version of a ticket. */
public class Subscriber {
    static final Map<String, String> ENV = System.getenv();

    static Properties settings() {
        var found = new Properties();
        found.put("bootstrap.servers", ENV.get("KAFKA_BOOTSTRAP_SERVERS"));
        found.put("group.id", ENV.get("TOPIC_PREFIX") + ".sub." + ENV.get("NAME"));
        found.put("auto.offset.reset", "earliest");
        found.put("enable.auto.commit", "false");
        if (ENV.containsKey("KAFKA_USERNAME")) {
            found.put("security.protocol", "SASL_SSL");
            found.put("sasl.mechanism", "SCRAM-SHA-512");
            found.put("sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"%s\" password=\"%s\";"
                    .formatted(ENV.get("KAFKA_USERNAME"), ENV.get("KAFKA_PASSWORD")));
            found.put("ssl.truststore.type", "PEM");
            found.put("ssl.truststore.location", ENV.get("KAFKA_CA_FILE"));
        }
        return found;
    }

    static String header(ConsumerRecord<String, byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value());
    }

    public static void main(String[] arguments) throws Exception {
        var json = new ObjectMapper();
        var versions = new HashMap<String, Long>();
        try (var consumer = new KafkaConsumer<>(settings(), new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(ENV.get("TOPIC_PREFIX") + ".tickets.v1"));
            while (true) {
                for (var record : consumer.poll(Duration.ofSeconds(1))) {
                    if (!header(record, "ce_type").equals("TicketEvent")) continue;
                    if (header(record, "otklik_brand").equals("_canary")) continue;
                    JsonNode ticket = json.readTree(record.value()).get("ticket");
                    String id = ticket.get("id").asText();
                    long version = ticket.get("version").asLong();
                    if (version <= versions.getOrDefault(id, 0L)) continue;
                    versions.put(id, version);
                    var shown = json.createObjectNode().put("id", id).put("version", version);
                    shown.set("state", ticket.get("state"));
                    shown.set("team", ticket.get("team"));
                    System.out.println(shown);
                }
                consumer.commitSync();
            }
        }
    }
}
