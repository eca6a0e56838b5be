/** Cuts log lines into requests. @module */
export { parse, type FormatName, type ParseOptions } from './parse.js';
export { Request } from './request.js';
