/** Where things lie on the disk of a simulated machine. @module */
export const STATE = '/state';
/** What sinks store. */
export const OUT = '/out';
export const SOCKETS = '/sockets';
