// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how such files write variables.
import { parseDotenv } from "../../../provider/tutum/stack-file/dotenv";

const ENVIRONMENT: Record<string, string> = { HOME: "/home/someone", SET: "by the environment" };
const read = (text: string) => parseDotenv(text, name => ENVIRONMENT[name]);

describe("a .env is read as Compose reads it", () => {
  test.each([
    ["A=b", "b"],
    ["A=", ""],
    ["  A = b c  ", "b c"],
    ["export A=b", "b"],
    ["exported=x\nA=b", "b"],
    ["A: b", "b"],
    ["A=b # a comment", "b"],
    ["A=b#no comment", "b#no comment"],
    ["A=# a comment", ""],
    ["A='b # c' # a comment", "b # c"],
    ['A="b # c"# a comment', "b # c"],
    ["A='$SET ${SET}'", "$SET ${SET}"],
    ["A='Let\\'s go'", "Let's go"],
    ['A="say \\"x\\"\\n\\t\\\\ \\z"', 'say "x"\n\t\\ \\z'],
    ["A='two\nlines'", "two\nlines"],
    ["A=a=b=c", "a=b=c"],
    ["A=${HOME}/x", "/home/someone/x"],
    ['A="$HOME/x"', "/home/someone/x"],
    ["SET=by the file\nA=$SET", "by the environment"],
    ["B=1\nA=${B}2", "12"],
    ["A=${NONE:-c}${NONE-d}${NONE:+e}", "cd"],
    ["A=[$NONE]", "[]"],
    ["A=\\$HOME", "\\/home/someone"],
    ['A="\\$HOME $$HOME"', "$HOME $HOME"],
    ["A=cost 5$", "cost 5$"],
    ["\ufeffA=b\r\nB=c\r\n", "b"],
    ["# A=no\n\n\t\nA=b", "b"],
    ["A=1\nA=2", "2"],
  ])("%j", (text, value) => {
    const { variables, problems } = read(text);
    expect({ value: variables.get("A"), problems }).toEqual({ value, problems: [] });
  });

  test("a name alone takes the environment's value, or none", () => {
    expect([...read("HOME\nNONE\nA=b").variables]).toEqual([
      ["HOME", "/home/someone"],
      ["A", "b"],
    ]);
  });

  test.each([
    ["A=b\nnot a variable\nC=d", 2, "must be NAME=value."],
    ["A=b\n\nC='open", 3, "sets C to a string with an unclosed quote."],
    ["A=${NONE:?the team has it}", 1, "needs the variable NONE, which is not set: the team has it."],
  ])("%j is wrong on line %j", (text, line, message) => {
    expect(read(text).problems).toEqual([{ line, message }]);
  });
});
