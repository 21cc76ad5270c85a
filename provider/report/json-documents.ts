/** A text that is not the JSON it should be; the message says where. */
export class UnreadableInput extends Error {
  override readonly name = "UnreadableInput";
}

/** The JSON documents in a text, one after another: a single one, JSON lines, or several files in one stream. */
export function jsonDocuments(text: string, source: string): unknown[] {
  const documents: unknown[] = [];
  let start = nextDocument(text, 0);
  while (start < text.length) {
    const from = start;
    const end = endOfDocument(text, start);
    if (end === undefined) throw new UnreadableInput(cutOff(text, start, source));
    documents.push(parsed(text.slice(start, end), () => lineOf(text, from), source));
    start = nextDocument(text, end);
  }
  return documents;
}

function nextDocument(text: string, from: number): number {
  const rest = /[^\s\uFEFF]/g;
  rest.lastIndex = from;
  return rest.exec(text)?.index ?? text.length;
}

/** Behind the bracket that closes what is opened at `start`; a text without brackets ends with its line. */
function endOfDocument(text: string, start: number): number | undefined {
  if (text[start] !== "{" && text[start] !== "[") {
    const end = text.indexOf("\n", start);
    return end < 0 ? text.length : end;
  }
  let depth = 0;
  const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]]|"/gs;
  tokens.lastIndex = start;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === '"') return undefined;
    if (token[0] === "{" || token[0] === "[") depth++;
    if (token[0] === "}" || token[0] === "]") depth--;
    if (depth === 0) return tokens.lastIndex;
  }
  return undefined;
}

/** What `npm run` prints before the command's own output. */
const NPM_BANNER = /^> (?:@[\w.-]+\/)?[\w.-]+@\S+ \S+/;

function parsed(document: string, line: () => number, source: string): unknown {
  try {
    return JSON.parse(document);
  } catch {
    const hint = NPM_BANNER.test(document) ? " npm adds this line: `npm run --silent` does not." : "";
    throw new UnreadableInput(
      `${source}, line ${line()}: this is not JSON.${hint} Give what \`pulumi preview --json\` printed, or its event log; its messages go to standard error and belong elsewhere.`,
    );
  }
}

function cutOff(text: string, start: number, source: string): string {
  return `${source} ends in the middle of the JSON document that begins in line ${lineOf(text, start)}. Was the preview interrupted?`;
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
