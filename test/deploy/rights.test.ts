import { join } from 'node:path';
import { test } from 'tap';
import { everyRender } from './every-render.ts';
import {
  type Container,
  type Manifest,
  ofKind,
  type Rule,
  running,
  variables,
} from './manifest.ts';
import { allComponents, renderWith, skip } from './rendered.ts';
import { grantedBy, rights } from './rights.ts';

test('what is asked of the API is granted, and nothing else', { skip }, async (t) => {
  const folder = t.testdir({});
  for (const part of allComponents) {
    t.test(part, async (t) => {
      const manifests = renderWith(join(folder, part), [part]);
      const due: readonly Rule[] = grantedBy[part as keyof typeof grantedBy] ?? [];
      t.same(sorted(grantedIn(manifests)), sorted(due));
    });
  }
  t.test('without components nothing', async (t) => {
    t.same(grantedIn(renderWith(join(folder, 'none'), [])), []);
  });
});

test('in every overlay and strategy', { skip }, async (t) => {
  for (const { name, manifests } of everyRender(t.testdir({}))) {
    t.test(
      `${name}: rights are those of Turnout's own account, in its own namespace`,
      async (t) => {
        t.same(ofKind(manifests, 'ClusterRole'), []);
        t.same(ofKind(manifests, 'ClusterRoleBinding'), []);
        const accounts = ofKind(manifests, 'ServiceAccount');
        for (const { roleRef, subjects = [], metadata } of ofKind(manifests, 'RoleBinding')) {
          t.ok(ofKind(manifests, 'Role').some((role) => role.metadata.name === roleRef?.name));
          for (const subject of subjects) {
            t.equal(subject.namespace, metadata.namespace);
            t.ok(accounts.some((account) => account.metadata.name === subject.name));
          }
        }
        const bound = ofKind(manifests, 'RoleBinding').map(({ roleRef }) => roleRef?.name);
        for (const { metadata } of ofKind(manifests, 'Role')) t.ok(bound.includes(metadata.name));
      },
    );

    t.test(`${name}: what its variables make Turnout ask for is granted`, async (t) => {
      const granted = sorted(grantedIn(manifests));
      const due = manifests.flatMap((one) => running('run', one)).flatMap(askedBy);
      for (const rule of due)
        t.ok(granted.includes(sorted([rule])[0] ?? ''), rule.resources.join());
    });

    t.test(`${name}: nobody may create, delete, or read a Secret`, async (t) => {
      for (const { verbs, resources } of grantedIn(manifests)) {
        for (const verb of ['create', 'delete', '*']) t.notOk(verbs.includes(verb), verb);
        for (const resource of ['secrets', '*']) t.notOk(resources.includes(resource), resource);
      }
    });
  }
});

/** Returns what the variables of a container make Turnout ask for. */
function askedBy(container: Container): readonly Rule[] {
  const { TURNOUT_RULES: from = '', TURNOUT_STATE: state } = variables(container);
  return [
    ...(from.startsWith('configmap:') ? rights.rules : []),
    ...(from.startsWith('httproutes:') ? rights.httpRoutes : []),
    ...(state === undefined ? [] : rights.state),
  ];
}

function grantedIn(manifests: readonly Manifest[]): readonly Rule[] {
  return ofKind(manifests, 'Role').flatMap(({ rules = [] }) => rules);
}

/** Rules as text, in one order of keys and of rules. */
function sorted(rules: readonly Rule[]): readonly string[] {
  return rules
    .map(({ apiGroups, resources, resourceNames, verbs }) =>
      JSON.stringify({ apiGroups, resources, resourceNames, verbs }),
    )
    .toSorted();
}
