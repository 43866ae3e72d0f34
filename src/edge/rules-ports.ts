import type { Reading } from '#core/document/read';
import type { RulesSource } from '#core/document/rules-source';
import type { RulesPorts } from '../admin/ports.ts';
import { type RulesSetting, rulesText } from '../cli/rules-setting.ts';
import type { Settings } from '../cli/settings.ts';
import { putDocument, sourceOfFile } from '../config/put-document.ts';
import type { Reload } from '../config/reload.ts';
import type { Log } from '../telemetry/log.ts';
import type { ReleaseWay } from './release-way.ts';

export interface RulesParts {
  readonly settings: Settings;
  readonly log: Log;
  readonly reload: Reload;
  readonly way: ReleaseWay;
  readonly read: (text: string) => Promise<Reading>;
  /** Takes what the source holds now. */
  readonly look: () => Promise<void>;
}

/** Returns how the rules document is shown and replaced. */
export function rulesPorts({ settings, log, reload, way, read, look }: RulesParts): RulesPorts {
  const { rules } = settings;
  // Where they come from elsewhere nothing but dry runs gets here: problems are told by that name.
  const file = rulesText(rules);
  const changesTo = way.changesTo.bind(way);
  const put = putDocument({ file, status: () => reload.status(), look, read, changesTo });
  return {
    inForce: () => reload.inForce(),
    source: () => sourceOf(rules),
    put: async ({ who, ...wish }) => {
      const result = await put(wish);
      if (result.kind === 'done' && !wish.isDryRun) {
        const { hash, previous } = result;
        log.event('info', 'document_written', `the rules file was replaced by ${who}`, {
          hash,
          previous,
          who,
        });
      }
      return result;
    },
  };
}

async function sourceOf(rules: RulesSetting): Promise<RulesSource> {
  switch (rules.kind) {
    case 'file':
      return sourceOfFile(rules.path);
    case 'configmap':
      return { kind: 'configmap', name: `${rules.namespace}/${rules.name}` };
    case 'httproutes':
      return { kind: 'httproutes', name: rules.namespace };
  }
}
