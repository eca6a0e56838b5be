import { expect, jest, test } from '@jest/globals';
import type { FromWorker, ToWorker } from '../../../runtime/coordinator/protocol.js';
import { Receivers } from '../../../runtime/coordinator/receivers.js';
import type { WorkerEvents } from '../../../runtime/coordinator/worker-handle.js';

const DONE: FromWorker = { type: 'received', own: [], done: true };

interface Life extends WorkerEvents {
  readonly heard: ToWorker[];
}

/** Receivers of two spouts whose processes do only what a test has them do. */
function started() {
  const lives: Life[] = [];
  const counted = jest.fn<(receiver: number) => void>();
  const died = jest.fn<(receiver: number) => void>();
  const notice = jest.fn<(component: string, message: string) => void>();
  const failed = jest.fn<(message: string) => void>();
  const receivers = new Receivers(['first', 'second'], {
    start(_, events) {
      const heard: ToWorker[] = [];
      lives.push({ ...events, heard });
      return { pid: -1, send: (message) => void heard.push(message), kill: async () => {} };
    },
    counted,
    died,
    notice,
    failed,
  });
  receivers.start();
  const life = async (nth: number): Promise<Life> => {
    while (lives.length <= nth) await new Promise((resolve) => setTimeout(resolve, 1));
    return lives[nth]!;
  };
  return { receivers, lives, life, counted, died, notice, failed };
}

test('stopping ends when each has said that what came in is journalled, or is dead', async () => {
  const { receivers, life, counted } = started();
  let over = false;
  const stopped = receivers.stop().then(() => (over = true));
  expect((await life(0)).heard).toEqual([{ type: 'stop' }]);
  (await life(0)).message(DONE);
  await new Promise(setImmediate);
  expect(over).toBe(false);
  (await life(1)).exit('SIGKILL');
  await stopped;
  expect(counted.mock.calls.map(([receiver]) => receiver)).toEqual([0]);
});

test('one that dies is started again, its loss is said, and that it receives again', async () => {
  const { lives, life, died, notice } = started();
  lives[1]!.exit('SIGKILL');
  expect(died).toHaveBeenCalledWith(1);
  expect(notice).toHaveBeenCalledWith('second', expect.stringContaining('died (SIGKILL)'));
  lives[1]!.exit('SIGKILL');
  await life(2);
  expect(lives.length).toBe(3);
  const back = 'its receiver receives again (restart 1)';
  expect(notice).not.toHaveBeenCalledWith('second', back);
  for (let report = 0; report < 2; report++)
    lives[2]!.message({ type: 'received', own: [], done: false });
  expect(notice.mock.calls.filter(([, message]) => message === back)).toHaveLength(1);
});

test('the run ends when they die again and again', async () => {
  const { lives, life, failed } = started();
  lives[0]!.exit('exit code 1');
  for (let death = 2; death <= 5; death++) (await life(death)).exit('exit code 1');
  expect(failed).toHaveBeenCalledWith('first: its receiver died 5 times within a minute.');
});

test('what it says for good ends the run, with the name of its spout', () => {
  const { lives, failed } = started();
  lives[1]!.message({ type: 'fatal', message: 'no port' });
  expect(failed).toHaveBeenCalledWith('second: no port');
});

test('a run that ends at once does not wait for them', async () => {
  const { receivers } = started();
  const stopped = receivers.stop();
  receivers.abandon();
  await stopped;
});

test('a run without any is not held up', async () => {
  const none = new Receivers([], started() as never);
  none.start();
  await none.stop();
});
