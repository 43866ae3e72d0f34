import { at, type Path, pathText } from '../path-text.ts';
import { type Check, spanAt } from './check.ts';

/** Without verification anybody on the way may be the version: worth a warning wherever it is said. */
export const unverified: Check = (checked) => {
  const places: Path[] = [['defaults']];
  for (const { index, tree } of checked.routes) {
    places.push(['routes', index]);
    for (const name of at(tree, ['versions'])?.children.keys() ?? []) {
      places.push(['routes', index, 'versions', name]);
    }
  }
  return places
    .map((place): Path => [...place, 'tls', 'verify'])
    .filter((path) => at(checked.tree, path)?.value === false)
    .map((path) => ({
      code: 'TN3017',
      severity: 'warning',
      message: `${pathText(path)} is false: whoever answers at the endpoint's address is believed`,
      hint: 'ca names the file of an authority of your own, serverName another name',
      span: spanAt(checked, path),
    }));
};
