/** A copy: a part of a text would keep all of it in memory. */
export function shortened(value: string, length: number): string {
  if (value.length <= length) return Buffer.from(value).toString();
  return `${Buffer.from(value.slice(0, length)).toString()}… (${value.length} characters)`;
}
