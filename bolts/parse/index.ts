/** Cuts log lines into requests. @module */
export { parse, type ParseOptions } from './parse.js';
export { parseAvro } from './avro.js';
export { Request } from './request.js';
