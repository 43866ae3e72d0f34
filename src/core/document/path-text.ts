import type { Tree } from './tree.ts';

/** Keys and indices from the top of a document to a value. */
export type Path = readonly (string | number)[];

/** Returns a path as its author would write it: `routes[0].versions.v2.weight`. */
export function pathText(path: Path): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[\w-]+$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${JSON.stringify(key)}]`;
  }
  return text;
}

/** The same, and with a route its name: `routes[0] "shop"`. */
export function placeText(path: Path, top: Tree): string {
  if (path.length === 0) return 'the document';
  const name = path.length === 2 ? at(top, [...path, 'name'])?.value : undefined;
  return typeof name === 'string' ? `${pathText(path)} ${JSON.stringify(name)}` : pathText(path);
}

/** Returns what stands at a path. */
export function at(top: Tree, path: Path): Tree | undefined {
  let place: Tree | undefined = top;
  for (const key of path) place = place?.children.get(String(key));
  return place;
}

/** Returns what stands at a path, or the nearest thing around it. */
export function nearest(top: Tree, path: Path): Tree {
  let place = top;
  for (const key of path) {
    const child = place.children.get(String(key));
    if (child === undefined) return place;
    place = child;
  }
  return place;
}
