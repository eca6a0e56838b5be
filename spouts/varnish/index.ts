/** Reads what Varnish logs. @module */
export { varnish } from './varnish.js';
export { VarnishLine } from './line.js';
export { VarnishRequest } from './request.js';
