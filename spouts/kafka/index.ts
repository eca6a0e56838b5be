/** Messages of Kafka topics, as they are or as lines. @module */
export { kafka, kafkaLines } from './kafka.js';
export { KafkaMessage } from './message.js';
