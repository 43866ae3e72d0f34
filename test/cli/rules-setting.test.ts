import { test } from 'tap';
import { rulesSettingOf, rulesText } from '../../src/cli/rules-setting.ts';

for (const { text, rules, told } of [
  { text: 'routes.yaml', rules: { kind: 'file', path: 'routes.yaml' }, told: 'routes.yaml' },
  {
    text: './configmap:shop/rules',
    rules: { kind: 'file', path: './configmap:shop/rules' },
    told: './configmap:shop/rules',
  },
  {
    text: 'configmap:shop/turnout-rules',
    rules: { kind: 'configmap', namespace: 'shop', name: 'turnout-rules', key: undefined },
    told: 'configmap shop/turnout-rules',
  },
  {
    text: 'configmap:shop/a.b/My_Rules.yaml',
    rules: { kind: 'configmap', namespace: 'shop', name: 'a.b', key: 'My_Rules.yaml' },
    told: 'configmap shop/a.b, My_Rules.yaml',
  },
  {
    text: 'httproutes:shop',
    rules: { kind: 'httproutes', namespace: 'shop', gateway: undefined },
    told: 'httproutes in shop',
  },
  {
    text: 'httproutes:shop/edge',
    rules: { kind: 'httproutes', namespace: 'shop', gateway: 'edge' },
    told: 'httproutes in shop of gateway edge',
  },
]) {
  test(`${text} is told as ${told}`, async (t) => {
    const read = rulesSettingOf(text);
    t.strictSame(read, rules);
    t.equal(read && rulesText(read), told);
  });
}

for (const text of [
  '',
  'configmap:rules',
  'configmap:Shop/rules',
  'configmap:shop/-rules',
  'configmap:shop/rules/',
  'configmap:shop/rules/a/b',
  'configmap:shop/rules/..\n',
  'httproutes:',
  'httproutes:shop/',
  'httproutes:shop/a/b',
]) {
  test(`${JSON.stringify(text)} is none`, async (t) => {
    t.equal(rulesSettingOf(text), undefined);
  });
}
