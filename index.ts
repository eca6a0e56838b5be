/** Squall: stream-processing topologies in TypeScript. @module */
export {
  topology,
  type Placing,
  type Topology,
  type TopologyBuilder,
  type Wiring,
} from './topology/dsl/topology.js';
export { merge, type Edge, type Stream } from './topology/dsl/stream.js';
export { bolt, type Bolt, type BoltTask } from './topology/dsl/bolt.js';
export {
  sink,
  type PublicRow,
  type PublicValue,
  type Sink,
  type SinkTask,
} from './topology/dsl/sink.js';
export {
  spout,
  type Batch,
  type KeptMessage,
  type LineJournal,
  type Spout,
  type SpoutContext,
  type SpoutTask,
} from './topology/dsl/spout.js';
export type { BoltContext, Context, EmitAll, Hold, SinkContext } from './topology/dsl/context.js';
export type { JournalWriter, Receiver, ReceiverContext } from './topology/dsl/receiver.js';
export { copy, declassify, derive, type Lineage, type Origin } from './topology/dsl/lineage.js';
export { reject } from './topology/dsl/reject.js';
export { RawLine } from './topology/dsl/raw-line.js';
export { LineBatch } from './topology/dsl/line-batch.js';
export type { KeyedState, StateByKey } from './topology/dsl/state.js';
export {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
  type Field,
} from './topology/rows/field.js';
export { extend, schema, type RowOf, type Schema } from './topology/rows/schema.js';
export { Pii, seal, type PiiKind } from './topology/rows/pii.js';
export { Text } from './topology/rows/text.js';
export { percentDecoded } from './topology/rows/percent-decoded.js';
export type { Emit, Kept, Row } from './topology/rows/row.js';
export { build, type Built } from './topology/plan/build.js';
export { TopologyError } from './topology/plan/topology-error.js';
export * from './bolts/anonymize/index.js';
export { countBy } from './bolts/count-by/count-by.js';
export { dedupe } from './bolts/dedupe/dedupe.js';
export { geotag } from './bolts/geotag/geotag.js';
export { parse, parseAvro, Request } from './bolts/parse/index.js';
export { redisState, type RedisState } from './bolts/redis-state/redis-state.js';
export { route } from './bolts/route/route.js';
export { validate } from './bolts/validate/validate.js';
export { validateAvro } from './bolts/validate/avro.js';
export { validateJsonSchema } from './bolts/validate/json-schema.js';
export { avroFiles } from './bolts/sink/avro-files/avro-files.js';
export { jsonLines } from './bolts/sink/json-lines/json-lines.js';
export { toKafka, type ToKafkaOptions } from './bolts/sink/kafka/to-kafka.js';
export { redis } from './bolts/sink/redis/redis.js';
export { discard } from './bolts/sink/discard/discard.js';
export { file } from './spouts/file/index.js';
export { generate } from './spouts/generate/index.js';
export { udp } from './spouts/udp/index.js';
export { varnish, VarnishLine, VarnishRequest } from './spouts/varnish/index.js';
export { kafka, kafkaLines, KafkaMessage } from './spouts/kafka/index.js';
