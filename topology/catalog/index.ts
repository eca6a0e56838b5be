/** What ships ready to run. @module */
import { fileURLToPath } from 'node:url';

const path = (module: string): string => fileURLToPath(new URL(module, import.meta.url));

/** By name, the path of the module whose default export is the topology. */
export const catalog: { readonly [name: string]: string } = {
  canonicalize: path('./canonicalize.js'),
  'kafka-to-avro': path('./kafka-to-avro.js'),
  'udp-to-kafka': path('./udp-to-kafka.js'),
  'varnish-to-kafka': path('./varnish-to-kafka.js'),
};
