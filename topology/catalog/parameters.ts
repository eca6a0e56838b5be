/** Parameters that several topologies of the catalogue have. @module */
import { z } from 'zod';

/** How request lines become records. */
export const REQUESTS = {
  format: z
    .string()
    .default('udp2log')
    .describe(
      'a named format (udp2log, varnishncsa, apache-combined, apache-common, varnishkafka-json) or a log-format string',
    ),
  geo: z
    .string()
    .optional()
    .describe('a country or city database (.mmdb); without it the one that ships'),
  query: z.array(z.string()).default([]).describe('query parameters to keep'),
};

export const BROKERS = z
  .array(z.string())
  .min(1)
  .describe('Kafka brokers, host:port, some of the cluster');
export const TO = z.string().describe('the Kafka topic that takes the records, as JSON');
export const PORT = z.int().min(1).max(65_535).describe('the UDP port');
export const HOST = z
  .string()
  .default('127.0.0.1')
  .describe('the address to listen on for UDP; 0.0.0.0 for all of this machine');
export const GROUP = z.string().min(1).describe('the Kafka consumer group');
export const TOPICS = z.array(z.string()).min(1).describe('Kafka topics of request lines');
export const INSTANCE = z
  .string()
  .optional()
  .describe('the instance of Varnish, as varnishd -n names it');
export const SELECT = z.string().optional().describe('a VSL query: which requests Varnish tells');
