/** Pages of lists: `limit`, `offset`, and links to the neighbouring pages that keep the filters. */
import type { Page } from "../../../../provider/tutum/client/types";
import { ApiError } from "../../../host/errors";
import { CONTAINER_FILTERS, PAGING_PARAMETERS } from "./parameters";

/** Of a limit or offset that is taken. */
export const PAGE_NUMBER = /^\s*(?:\+?\d{1,100}|-0{1,100})\s*$/;

/** A parsed query string; of a repeated parameter the last one counts. */
export type Query = Record<string, string>;

const DEFAULT_LIMIT = 25;
const MAX_LIMIT = 100;

/** Parameters by which other APIs sort and page: ignored, they would lead to a wrong list that looks right. */
const OF_OTHERS = ["order_by", "ordering", "sort", "sort_by", "page", "page_size", "per_page"];

/**
 * Refuses what looks like a filter and is none: a list that was not filtered looks as if everything matched. Any other
 * parameter is ignored, as Tutum did: clients send some that only proxies or their own caches know.
 */
export function checkParameters(query: Query, known: readonly string[]): void {
  for (const name of Object.keys(query)) {
    if (known.includes(name) || !looksLikeOne(name)) continue;
    throw badRequest(`Unknown parameter '${name.slice(0, 80)}'. Known are ${known.join(", ")}.`);
  }
}

/** Of values that can never be, the list would always be empty. */
export function checkState(query: Query, parameter: string, states: readonly string[]): void {
  const state = query[parameter];
  if (state === undefined || states.includes(state)) return;
  throw badRequest(`Invalid ${parameter} '${state.slice(0, 80)}' provided. Known are ${states.join(", ")}.`);
}

function looksLikeOne(name: string): boolean {
  const plain = plainOf(name);
  return [...PAGING_PARAMETERS, ...CONTAINER_FILTERS, ...OF_OTHERS].some(
    other =>
      plain === plainOf(other) || name.startsWith(`${other}__`) || isOneEditApart(plain, plainOf(other)),
  );
}

/** `limit[]`, `uniqueName` and `unique-name` are written for `limit` and `unique_name`. */
function plainOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

/** A letter too many, too few, or another one, or two that changed places. */
function isOneEditApart(a: string, b: string): boolean {
  if (Math.min(a.length, b.length) < 3 || Math.abs(a.length - b.length) > 1) return false;
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  let at = 0;
  while (at < short.length && short[at] === long[at]) at++;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const swapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return short.slice(at + (swapped ? 2 : 1)) === long.slice(at + (swapped ? 2 : 1));
}

/** What a list is taken from: what a filter found, or simply everything. */
export type Found<T> = T[] | ReadonlyMap<string, T>;

/** `show` is only called for the objects on the page. */
export function page<T, Shown>(
  path: string,
  query: Query,
  all: Found<T>,
  show: (item: T) => Shown,
): Page<Shown> {
  const limit = readLimit(query.limit);
  const offset = readOffset(query.offset);
  const total = Array.isArray(all) ? all.length : all.size;
  const link = (at: number) =>
    `${path}?${new URLSearchParams({ ...query, limit: `${limit}`, offset: `${at}` })}`;
  return {
    meta: {
      limit,
      next: offset + limit < total ? link(offset + limit) : null,
      offset,
      previous: offset - limit >= 0 ? link(offset - limit) : null,
      total_count: total,
    },
    objects: slice(all, offset, limit).map(show),
  };
}

/** Without copying everything: the first page costs the same whatever there is. */
function slice<T>(all: Found<T>, offset: number, limit: number): T[] {
  if (Array.isArray(all)) return all.slice(offset, offset + limit);
  const items: T[] = [];
  let at = 0;
  for (const item of all.values()) {
    if (at++ < offset) continue;
    items.push(item);
    if (items.length === limit) break;
  }
  return items;
}

/** 0 and more than the maximum mean the maximum. */
function readLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = integer(text);
  if (limit === undefined) {
    throw badRequest(`Invalid limit '${text}' provided. Please provide a positive integer.`);
  }
  if (limit < 0)
    throw badRequest(`Invalid limit '${text}' provided. Please provide a positive integer >= 0.`);
  return limit === 0 ? MAX_LIMIT : Math.min(limit, MAX_LIMIT);
}

function readOffset(text: string | undefined): number {
  if (text === undefined) return 0;
  const offset = integer(text);
  if (offset === undefined) throw badRequest(`Invalid offset '${text}' provided. Please provide an integer.`);
  if (offset < 0)
    throw badRequest(`Invalid offset '${text}' provided. Please provide a positive integer >= 0.`);
  return offset;
}

function integer(text: string): number | undefined {
  if (!/^\s*[+-]?\d{1,100}\s*$/.test(text)) return undefined;
  return Math.max(-1, Math.min(Number(text), Number.MAX_SAFE_INTEGER - MAX_LIMIT));
}

function badRequest(message: string): ApiError {
  return new ApiError(400, { error: message });
}
