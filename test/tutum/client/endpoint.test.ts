import { resolveEndpoint } from "../../../provider/tutum/client/endpoint";

const from = (env: NodeJS.ProcessEnv, endpoint?: string) => resolveEndpoint({ env, endpoint });

describe("endpoint", () => {
  test.each([
    ["http://127.0.0.1:8000"],
    ["http://127.0.0.1:8000/"],
    ["http://127.0.0.1:8000/api/v1"],
    ["http://127.0.0.1:8000/api/v1/"],
    [" http://127.0.0.1:8000/api/v1/ "],
  ])("%p is the API below /api/v1/", url => {
    expect(from({ TUTUM_BASE_URL: url })).toBe("http://127.0.0.1:8000/api/v1/");
  });

  test("configuration wins over TUTUM_BASE_URL, and that over TUTUM_REST_HOST", () => {
    const env = { TUTUM_BASE_URL: "https://b.example.com", TUTUM_REST_HOST: "https://c.example.com" };
    expect(from(env, "https://a.example.com")).toBe("https://a.example.com/api/v1/");
    expect(from(env)).toBe("https://b.example.com/api/v1/");
    expect(from({ TUTUM_REST_HOST: "c.example.com" })).toBe("https://c.example.com/api/v1/");
  });

  test("there is no default", () => {
    expect(() => from({})).toThrow("No Tutum endpoint is set");
  });

  test("plain http to another machine is refused unless allowed", () => {
    expect(() => from({ TUTUM_BASE_URL: "http://10.1.2.3" })).toThrow(
      "TUTUM_BASE_URL is plain http to another machine",
    );
    expect(() => from({ TUTUM_BASE_URL: "http://127.0.0.1.evil.example" })).toThrow("another machine");
    expect(from({ TUTUM_BASE_URL: "http://10.1.2.3", TUTUM_ALLOW_INSECURE: "1" })).toBe(
      "http://10.1.2.3/api/v1/",
    );
  });

  test("what is no address is refused without showing it", () => {
    for (const text of ["not a url", "ftp://x", "https://user:canary@example.com"]) {
      expect(() => from({}, text)).toThrow("The endpoint is not the address of an API");
      expect(() => from({}, text)).not.toThrow("canary");
    }
  });
});
