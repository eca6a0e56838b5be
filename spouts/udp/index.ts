/** Lines that come as datagrams. @module */
export { udp } from './udp.js';
