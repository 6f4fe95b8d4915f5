import type { Socket } from "node:net";
import type { LiveEvent } from "../subscriptions/live-event.ts";

const HEAD = Buffer.from('{"type":"next","payload":');
const ID = Buffer.from(',"id":');
const FINAL_TEXT = 0x81;

/** The end of a message, which alone differs between those who get the same event. */
export const addressOf = (id: string): Buffer => Buffer.from(`${JSON.stringify(id)}}`);

/**
 * Writes an event as one unmasked WebSocket frame. Whoever has an id of the same length shares the frame: only
 * its end is overwritten, because the kernel has taken the bytes when `write` returns. Bytes that it has not
 * taken stay as they are, and the next one gets a copy. Encrypted sockets may read later: they always do.
 */
export function writeEvent(socket: Socket, event: LiveEvent, address: Buffer): void {
  const known = event.bytes.get(address.length);
  const frame = known ?? frameFor(event.text, address.length);
  address.copy(frame, frame.length - address.length);
  socket.write(frame);
  const isTaken = socket.writableLength === 0 && !("encrypted" in socket);
  event.bytes.set(address.length, isTaken ? frame : Buffer.from(frame));
}

function frameFor(text: string, addressLength: number): Buffer {
  const textLength = Buffer.byteLength(text);
  const header = headerFor(HEAD.length + textLength + ID.length + addressLength);
  // A buffer of its own: slices of Node's pool would keep the pool alive.
  const frame = Buffer.allocUnsafeSlow(header.length + HEAD.length + textLength + ID.length + addressLength);
  let at = header.copy(frame, 0);
  at += HEAD.copy(frame, at);
  at += frame.write(text, at, "utf8");
  ID.copy(frame, at);
  return frame;
}

function headerFor(length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL_TEXT, length]);
  if (length < 65_536) return Buffer.from([FINAL_TEXT, 126, length >> 8, length & 255]);
  const header = Buffer.alloc(10);
  header[0] = FINAL_TEXT;
  header[1] = 127;
  header.writeBigUInt64BE(BigInt(length), 2);
  return header;
}
