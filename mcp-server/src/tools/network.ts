// `network`: what runs, where, and who this connection is there.
import { bindRegistry } from '@tamc/client/registry';
import { principalToText } from '@tamc/protocol/principal';
import { z } from 'zod';
import { found } from '../found.ts';
import { defineReadTool } from '../tool.ts';

export const networkTool = defineReadTool({
  name: 'network',
  title: 'Network',
  description: 'Which network this is, its money, how many machines, and your own identity there.',
  input: z.object({}),
  output: z.object({ kind: z.string(), you: z.string(), machines: z.number() }),
  read: async (_args, { access: { connection, registry } }) => {
    const bound = bindRegistry(connection, registry);
    const [settings, ledgers] = await Promise.all([bound.settings(), bound.ledgers()]);
    if (!ledgers.ok) return found(ledgers, () => ({}));
    const money = ledgers.value
      .filter(({ retired }) => !retired)
      .map(({ ledger, home }) => ({
        ledger: ledger.id.toText(),
        symbol: ledger.symbol,
        decimals: ledger.decimals,
        home,
      }));
    return found(settings, ({ network, machines }) => ({
      kind: Object.keys(network)[0] ?? '',
      url: connection.url,
      registry: principalToText(registry),
      you: principalToText(connection.self),
      machines,
      money,
      next: machines === 0 ? 'Bring machines to life with create_machines.' : 'List them with machines.',
    }));
  },
});
