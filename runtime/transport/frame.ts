/**
 * What travels on a socket between two workers. All little-endian, every frame and every row a multiple of 8 bytes:
 *
 *     frame  = length:u32 (with this head) kind:u32  payload
 *     kind 1 = rows:  row*         row  = length:u32 (with this head) edge:u16 task:u16
 *                                         worker:i32 slot:i32 generation:i32 high:i32 low:i32 group:u32  image
 *     kind 2 = acks:  ack*         ack  = slot:i32 generation:i32 high:i32 low:i32
 *     kind 3 = fails: JSON { slot, generation, failure }, padded with blanks
 *     kind 4 = mark:  move:u32 zero:u32     what was to come before that move has been sent
 *
 * `group` is the row's key group + 1, or 0 when it comes by no key. An image is a row as in `topology/rows/image.ts`.
 *
 * @module
 */
export const FRAME_HEAD = 8;
export const ROW_HEAD = 32;
export const ACK_BYTES = 16;
export const MARK_BYTES = 8;

export const ROWS = 1;
export const ACKS = 2;
export const FAILS = 3;
export const MARK = 4;

/** 64 KiB: 0.30 µs a row of 475 bytes, against 0.93 with 4 KiB and 0.25 with 256 KiB, which spoils the cache. */
export const FRAME_BYTES = 64 * 1024;
/** A row larger than this is refused by the sender. */
export const FRAME_BYTES_MAX = 128 * 1024 * 1024;
