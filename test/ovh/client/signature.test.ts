import { signatureOf } from "../../../provider/ovh/client/signature";
import { APPLICATION, CONSUMER_KEY } from "./made-up-ovh";

const ZONE = "/1.0/domain/zone/example.org";
const RECORD = '{"fieldType":"CNAME","subDomain":"www","target":"my-web-app-admin.dev.tutum.io.","ttl":0}';

test.each([
  // Published in the tests of python-ovh and go-ovh.
  ["GET", "/1.0/auth", undefined, "e9556054b6309771395efa467c22e627407461ad"],
  ["POST", "/1.0/auth", '{"a":"b","c":"d"}', "ec2fb5c7a81f64723c77d2e5b609ae6f58a84fc1"],
  ["PUT", "/1.0/auth", '{"a":"b","c":"d"}', "8a75a9e7c8e7296c9dbeda6a2a735eb6bd58ec4b"],
  ["DELETE", "/1.0/auth", undefined, "a1eecd00b3b02b6cf5708b84b9ff42059a950d85"],
  ["GET", "/1.0/call", undefined, "7f2db49253edfc41891023fcd1a54cf61db05fbb"],
  ["GET", "/v1/call", undefined, "e6e7906d385eb28adcbfbe6b66c1528a42d741ad"],
  ["GET", "/v2/call", undefined, "bb63b132a6f84ad5433d0c534d48d3f7c3804285"],
  // Made with python-ovh 1.2.0.
  [
    "GET",
    `${ZONE}/record?fieldType=CNAME&subDomain=www+%C3%A9`,
    undefined,
    "fdfe489248fe8a8e03083a9f6c6b88b521e7e5da",
  ],
  ["GET", "/1.0/x?a=true&b=null&from=s", undefined, "dc92cc1063804de44fe028e1a21563ea3e23ac15"],
  ["DELETE", "/1.0/x?a=false", undefined, "54ca477015fb4f3bb76799cf0c8a91cdccd190ca"],
  ["POST", `${ZONE}/refresh`, undefined, "5a287d83b53739769e3a5fbacb61ce216ea9eccd"],
  ["PUT", "/1.0/x", '{"name":"\\u00e9"}', "8ff116043c84d0527e7bd9da310128064014eb16"],
  ["POST", `${ZONE}/record`, RECORD, "14b4a307458237dad0ce9c6c864ea2b7eca2e100"],
] as const)(
  "the signature of %s %s with the body %s is that of OVH's own clients",
  (method, path, body, hash) => {
    const keys = { ...APPLICATION, consumerKey: CONSUMER_KEY };
    const request = { method, url: `https://eu.api.ovh.com${path}`, body };
    expect(signatureOf(keys, request, 1457018875)).toBe(`$1$${hash}`);
  },
);
