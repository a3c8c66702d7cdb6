// The simulated desk on pure rules.
import type { PrincipalHex } from '@tamc/protocol/principal';
import type { DeskEvent } from '@tamc/protocol/simulated-desk';
import { DeskInitType } from '@tamc/protocol/simulated-desk';
import { deskDefinition, saleAnswer } from '@tamc/simulated-desk/desk';
import { openDesk, topUp } from '@tamc/simulated-desk/rules';
import type { DeskTables } from '@tamc/simulated-desk/state';
import type { Methods } from '../../stack/src/candid/parse-did.ts';
import { createTwin, type TwinParts } from './shell-twin.ts';

type Rules = TwinParts<DeskTables, DeskEvent>['rules'];

const rules: Rules = ({ tables, perform }) => ({
  begin: (given) => {
    perform(openDesk, given);
  },
  goOn: (resume) => resume(),
  methods: {
    top_up: ({ block }) => {
      const asked = perform(topUp, block);
      const refusal = asked.ok ? saleAnswer(tables, asked.value).refusal : null;
      return refusal === null ? asked : { ok: false, error: refusal };
    },
  },
});

export function createDeskTwin(self: PrincipalHex, methods: Methods) {
  const twin = createTwin({ self, definition: deskDefinition, interface: methods, initTypes: [DeskInitType], rules });
  return { twin, layout: deskDefinition.tables.layout, interface: methods };
}
