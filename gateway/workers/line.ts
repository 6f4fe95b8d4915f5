import type { Socket } from "node:net";

/** One end of a channel between processes: `process` in a worker, the child in its primary. */
export interface ChannelEnd {
  on(event: "message", listener: (message: unknown, handle?: unknown) => void): unknown;
  send?(message: object, socket?: Socket, options?: object, told?: (error: Error | null) => void): boolean;
  readonly connected?: boolean;
}

/** What is done with a word from the other end; what comes back is the answer for whoever asked. */
export type Heard = Readonly<Record<string, (content: never, socket: Socket | undefined) => unknown>>;

/** Words from one process to another, with answers for those that are questions. */
export interface Line {
  tell(word: string, content?: unknown): void;
  /** Hands a connection over; @throws Error when the other end is gone, and the connection is still ours. */
  hand(word: string, socket: Socket): Promise<void>;
  /** The answer; undefined when the other end is gone, fails or stays silent for too long. */
  ask<T>(word: string, content?: unknown): Promise<T | undefined>;
}

interface Message {
  word: string;
  content?: unknown;
  /** Of a question, and of its answer. */
  number?: number;
}

const ANSWER = "answer";
const ANSWER_WITHIN_MS = 2_000;

export function createLine(end: ChannelEnd, heard: Heard): Line {
  const open = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  const tell = (message: Message) => {
    if (end.connected) end.send?.(message, undefined, {}, () => {});
  };
  const answer = async ({ word, content, number }: Message, socket: Socket | undefined) => {
    const said = await Promise.resolve()
      .then(() => heard[word]?.(content as never, socket))
      .catch(() => undefined);
    tell({ word: ANSWER, number: number ?? 0, content: said });
  };
  end.on("message", (said, handle) => {
    const message = said as Message;
    if (message.word === ANSWER) open.get(message.number ?? 0)?.(message.content);
    else if (message.number !== undefined) void answer(message, undefined);
    else heard[message.word]?.(message.content as never, handle as Socket | undefined);
  });
  return {
    tell: (word, content) => tell({ word, content }),
    hand: (word, socket) =>
      new Promise((resolve, reject) => {
        if (!end.connected || !end.send) return reject(new Error("the worker is gone"));
        end.send({ word }, socket, {}, (error) => (error ? reject(error) : resolve()));
        return undefined;
      }),
    ask: (word, content) => {
      const number = (asked += 1);
      return new Promise((resolve) => {
        const done = (value: unknown) => {
          clearTimeout(timer);
          open.delete(number);
          resolve(value as never);
        };
        const timer = setTimeout(done, ANSWER_WITHIN_MS);
        open.set(number, done);
        if (end.connected) tell({ word, content, number });
        else done(undefined);
      });
    },
  };
}
