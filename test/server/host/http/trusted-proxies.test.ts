import { clientAddress, trustedProxies } from "../../../../server/host/http/trusted-proxies";

test.each([
  ["10.0.0.2", "10.0.0.2", true],
  ["10.0.0.2", "::ffff:10.0.0.2", true],
  ["::ffff:10.0.0.2", "10.0.0.2", true],
  ["10.0.0.2", "10.0.0.3", false],
  ["10.0.0.0/8", "10.255.0.1", true],
  ["10.0.0.0/8", "11.0.0.1", false],
  ["0.0.0.0/0", "203.0.113.9", true],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/32", "2001:db8:1::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
  ["::1", "::1", true],
  ["fe80::1", "fe80::1%eth0", true],
])("of %s, is %s one? %s", (entry, address, expected) => {
  expect(trustedProxies([entry]).has(address)).toBe(expected);
});

test("nobody is trusted unless named, nor a peer without an address", () => {
  expect(trustedProxies([]).has("127.0.0.1")).toBe(false);
  expect(trustedProxies(["0.0.0.0/0"]).has(undefined)).toBe(false);
});

test.each([
  "",
  "proxy.example.com",
  "10.0.0",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/8/8",
  "::1/129",
  "fe80::1%eth0",
])("%p is refused by its name", entry => {
  expect(() => trustedProxies([entry])).toThrow(`"${entry}" is not an address such as 10.0.0.2`);
});

const trusted = trustedProxies(["127.0.0.1", "10.0.0.0/8"]);

test.each([
  ["an untrusted peer", "203.0.113.9", "1.2.3.4", "203.0.113.9"],
  ["a trusted peer that says nothing", "127.0.0.1", undefined, "127.0.0.1"],
  ["one trusted proxy", "127.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["two of them in a row", "::ffff:127.0.0.1", "203.0.113.9, 10.1.1.1", "203.0.113.9"],
  ["a client that invents one before its own", "127.0.0.1", "1.2.3.4, 203.0.113.9", "203.0.113.9"],
  ["a chain of none but trusted ones", "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
  ["something that is no address", "127.0.0.1", "203.0.113.9, unknown", "127.0.0.1"],
])("the client behind %s", (_, remote, forwardedFor, expected) => {
  expect(clientAddress(trusted, remote, forwardedFor)).toBe(expected);
});
