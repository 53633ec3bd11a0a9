// A subscriber of tickets.v1: prints one JSON line for each new version of a ticket.
import { readFileSync } from 'node:fs'
import { Consumer, stringDeserializers } from '@platformatic/kafka'

const { env } = process
const guarded = env.KAFKA_USERNAME && {
  tls: { ca: readFileSync(env.KAFKA_CA_FILE) },
  sasl: { mechanism: 'SCRAM-SHA-512', username: env.KAFKA_USERNAME, password: env.KAFKA_PASSWORD }
}
const consumer = new Consumer({
  clientId: env.NAME,
  groupId: `${env.TOPIC_PREFIX}.sub.${env.NAME}`,
  bootstrapBrokers: env.KAFKA_BOOTSTRAP_SERVERS.split(','),
  deserializers: stringDeserializers,
  ...guarded
})
const stream = await consumer.consume({
  topics: [`${env.TOPIC_PREFIX}.tickets.v1`],
  mode: 'committed',
  fallbackMode: 'earliest',
  autocommit: false
})
const versions = new Map()
for await (const message of stream) {
  const { headers } = message
  if (headers.get('ce_type') === 'TicketEvent' && headers.get('otklik_brand') !== '_canary') {
    const { id, version, state, team } = JSON.parse(message.value).ticket
    if (version > (versions.get(id) ?? 0)) {
      versions.set(id, version)
      console.log(JSON.stringify({ id, version, state, team }))
    }
  }
  await message.commit()
}
