/**
 * A node whose ports a test can break: told by a message `{ arm: NAME }`, it kills itself with SIGKILL the next time a
 * directive comes past that point. The points stand at the node's ports, wrapped from outside; the product has none.
 */
import { runNodeProcess } from '@skein/server';

let armed;
process.on('message', (message) => {
  if (typeof message?.arm !== 'string') return;
  armed = message.arm;
  process.send({ type: 'armed', point: armed });
});

function pass(point) {
  if (armed === point) process.kill(process.pid, 'SIGKILL');
}

/** Wraps one method: `before` sees its arguments, `after` its answer, and either may be where life ends. */
function around(target, method, { before = () => {}, after = () => {} }) {
  const original = target[method].bind(target);
  return {
    ...target,
    async [method](...args) {
      before(...args);
      const answer = await original(...args);
      after(answer, ...args);
      return answer;
    },
  };
}

const some = (rows) => rows.length > 0;

function mortalStores({ outbox, inbox, ...others }) {
  let out = around(outbox, 'insert', { after: () => pass('sender: stored, its id not told') });
  out = around(out, 'claimForSending', {
    after: (rows) => some(rows) && pass('sender: attempt committed, nothing sent'),
  });
  out = around(out, 'accept', {
    before: () => pass('sender: acceptance heard, not stored'),
    after: () => pass('sender: acceptance stored'),
  });
  out = around(out, 'settle', {
    before: () => pass('sender: result heard, not stored'),
    after: () => pass('sender: result stored, not acknowledged'),
  });
  out = around(out, 'markAcknowledged', { before: () => pass('sender: result acknowledged, not noted') });
  let ins = around(inbox, 'admit', {
    before: () => pass('receiver: arrived, not stored'),
    after: () => pass('receiver: stored, not answered'),
  });
  ins = around(ins, 'claim', { after: (rows) => some(rows) && pass('receiver: leased') });
  ins = around(ins, 'start', { after: () => pass('receiver: start committed, nothing spawned') });
  ins = around(ins, 'finish', {
    before: () => pass('receiver: ended, not stored'),
    after: () => pass('receiver: end stored, not told'),
  });
  return { ...others, outbox: out, inbox: ins };
}

function mortalRunner(runner) {
  return {
    ...runner,
    run: (request, { onOutput, ...options }) =>
      runner.run(request, {
        ...options,
        onOutput(stream, chunk) {
          pass('receiver: the program is running'); // what speaks is at work
          onOutput(stream, chunk);
        },
      }),
  };
}

function mortalHttp(http) {
  const text = new TextDecoder();
  return {
    ...http,
    async request(request) {
      const reply = await http.request(request);
      if (request.body && text.decode(request.body).includes('"SendStreamingMessage"'))
        pass('sender: sent, answer not read');
      return reply;
    },
  };
}

process.exit(await runNodeProcess(process, { stores: mortalStores, runner: mortalRunner, http: mortalHttp }));
