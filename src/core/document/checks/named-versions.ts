import type { Finding } from '../finding.ts';
import { didYouMean, likely } from '../likely.ts';
import { at, type Path, pathText, placeText } from '../path-text.ts';
import { shownValue } from '../shown-value.ts';
import type { Tree } from '../tree.ts';
import { type Check, type Checked, keySpanAt } from './check.ts';

/** Every version that is named is there: by audiences, splits, fallbacks, mirrors, faults, rollouts. */
export const namedVersions: Check = (checked) =>
  checked.routes.flatMap(({ index, tree }) => {
    const versions = at(tree, ['versions']);
    if (versions === undefined || versions.children.size === 0) return [];
    const names = [...versions.children.keys()];
    return [
      ...namesIn(checked, index).flatMap((path) => unknownVersion(checked, path, names)),
      ...unknownDefaults(checked, index, names),
    ];
  });

/** Returns the paths of what names a version: as a value, or as a key of a split. */
function namesIn(checked: Checked, route: number): readonly Path[] {
  const audiences = at(checked.tree, ['routes', route, 'audiences']);
  const count = audiences?.children.size ?? 0;
  const paths: Path[] = [
    ['routes', route, 'onUnavailable', 'fallback'],
    ['routes', route, 'mirror', 'to'],
    ['routes', route, 'fault', 'version'],
    ['routes', route, 'rollout', 'from'],
    ['routes', route, 'rollout', 'to'],
  ];
  for (let index = 0; index < count; index += 1) {
    const path: Path = ['routes', route, 'audiences', index];
    paths.push([...path, 'version']);
    const split = at(checked.tree, [...path, 'split']);
    for (const name of split?.children.keys() ?? []) paths.push([...path, 'split', name]);
  }
  return paths;
}

function unknownVersion(
  checked: Checked,
  path: Path,
  names: readonly string[],
): readonly Finding[] {
  const place = at(checked.tree, path);
  if (place === undefined) return [];
  const isKey = path.at(-2) === 'split';
  const name = isKey ? path.at(-1) : place.value;
  if (typeof name !== 'string' || names.includes(name)) return [];
  const what = isKey ? `a key of ${pathText(path.slice(0, -1))}` : pathText(path);
  return [
    {
      code: 'TN3002',
      message: `${what} must be a version of the route (${listed(names)}), got ${shownValue(name)}`,
      hint: didYouMean(likely(name, names)),
      span: isKey ? keySpanAt(checked, path) : place.span,
    },
  ];
}

/** What `defaults` names has to be there in each route that takes it over. */
const inDefaults = [
  { path: ['onUnavailable', 'fallback'], key: 'onUnavailable', instead: 'onUnavailable itself' },
  { path: ['rollout', 'from'], key: 'rollout', instead: 'rollout: off' },
  { path: ['rollout', 'to'], key: 'rollout', instead: 'rollout: off' },
] as const;

function unknownDefaults(
  checked: Checked,
  route: number,
  names: readonly string[],
): readonly Finding[] {
  const where = placeText(['routes', route], checked.tree);
  return inDefaults.flatMap(({ path, key, instead }) => {
    const full: Path = ['defaults', ...path];
    const place: Tree | undefined = at(checked.tree, full);
    const hasOwn = at(checked.tree, ['routes', route, key]) !== undefined;
    if (place === undefined || hasOwn) return [];
    if (typeof place.value !== 'string' || names.includes(place.value)) return [];
    return [
      {
        code: 'TN3002',
        message: `${pathText(full)} must be a version of ${where} (${listed(names)}), got ${shownValue(place.value)}`,
        hint: `${where} may say ${instead}`,
        span: place.span,
      },
    ];
  });
}

const maxListed = 8;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, maxListed).join(', ');
  return names.length > maxListed ? `${shown}, …` : shown;
}
