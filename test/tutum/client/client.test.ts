import {
  type Application,
  isTutumApiError,
  isTutumAuthError,
  isTutumLookupError,
  parseDatetime,
  TutumAuthError,
  TutumClient,
} from "../../../provider/tutum/client";
import { type RunningServer, startServer } from "../../../server/index";

/** The client against the real server: what the Python library's documentation shows, and what it does not. */
describe("client", () => {
  let server: RunningServer;
  let tutum: TutumClient;
  beforeEach(async () => {
    server = await startServer({ times: { start: 5, stop: 5, scale: 5, terminate: 5 } });
    tutum = new TutumClient({ endpoint: server.url, user: server.user, apikey: server.apikey, env: {} });
  });
  afterEach(() => server.close());

  const running = async (name: string, more: object = {}): Promise<Application> => {
    const application = await tutum.applications.create({ image: "tutum/hello-world", name, ...more });
    return tutum.waitFor(application, ["Running"]);
  };
  const names = async (list: AsyncIterable<{ unique_name: string }>) => {
    const found: string[] = [];
    for await (const { unique_name: name } of list) found.push(name);
    return found;
  };

  test("an application from creation to termination", async () => {
    const created = await tutum.applications.create({
      image: "tutum/hello-world",
      name: "web",
      target_num_containers: 2,
    });
    expect(created).toMatchObject({ state: "Starting", target_num_containers: 2 });
    const { uuid } = await tutum.waitFor(created, ["Running"]);

    const scaled = await tutum.applications.update(uuid, { target_num_containers: 3 });
    expect(scaled.state).toBe("Scaling");
    expect((await tutum.waitFor(scaled, ["Running"])).running_num_containers).toBe(3);

    expect((await tutum.waitFor(await tutum.applications.stop(uuid), ["Stopped"])).state).toBe("Stopped");
    expect((await tutum.waitFor(await tutum.applications.start(uuid), ["Running"])).state).toBe("Running");
    const redeployed = await tutum.waitFor(await tutum.applications.redeploy(uuid, "1.1"), ["Running"]);
    expect(redeployed.image_tag).toBe("/api/v1/image/tutum/hello-world/tag/1.1/");
    expect(typeof (await tutum.applications.logs(uuid))).toBe("string");
    expect((await tutum.waitFor(await tutum.applications.terminate(uuid), ["Terminated"])).state).toBe(
      "Terminated",
    );
  });

  test("waiting asks the server, whatever was known before: the next action is not refused", async () => {
    const seen = await running("web");
    await tutum.applications.update(seen.uuid, { target_num_containers: 3 });
    expect((await tutum.waitFor(seen, ["Running"])).running_num_containers).toBe(3);
    await tutum.applications.update(seen.uuid, { target_num_containers: 1 });
    expect((await tutum.settled(seen))?.running_num_containers).toBe(1);
    await tutum.applications.stop(seen.uuid);
  });

  test("containers: list by every filter, get, logs, stop, start, terminate", async () => {
    const application = await running("web", { target_num_containers: 2 });
    await running("other");
    expect(await names(tutum.containers.list({ application__uuid: application.uuid }))).toEqual([
      "web-1",
      "web-2",
    ]);
    expect(await names(tutum.containers.list({ application__name: "other" }))).toEqual(["other-1"]);
    expect(await names(tutum.containers.list({ unique_name: "web-2" }))).toEqual(["web-2"]);
    expect(await names(tutum.containers.list({ state: "Stopped" }))).toEqual([]);

    const container = await tutum.containers.find("web-2");
    expect(await tutum.containers.get(container.resource_uri)).toMatchObject({
      uuid: container.uuid,
      application: application.resource_uri,
    });
    expect(typeof (await tutum.containers.logs(container.uuid))).toBe("string");
    expect((await tutum.containers.stop(container.uuid)).state).toBe("Stopping");
    await until(async () => (await tutum.containers.get(container.uuid)).state === "Stopped");
    expect((await tutum.containers.start(container.uuid)).state).toBe("Starting");
    await until(async () => (await tutum.containers.get(container.uuid)).state === "Running");
    expect((await tutum.containers.terminate(container.uuid)).state).toBe("Terminating");
    await until(async () => (await tutum.applications.get(application.uuid)).target_num_containers === 1);
  });

  test("a list of more than a page is complete, and a page can be asked for alone", async () => {
    await Promise.all(
      Array.from({ length: 130 }, (_, n) =>
        tutum.applications.create({ image: "tutum/redis", name: `a${n}` }),
      ),
    );
    server.clearRequests();
    expect((await names(tutum.applications.list())).length).toBe(130);
    expect(server.requests).toHaveLength(2);
    const page = await tutum.applications.page({}, { offset: 10, limit: 5 });
    expect(page.objects).toHaveLength(5);
    expect(page.meta).toMatchObject({ total_count: 130, offset: 10, limit: 5 });
  });

  test("an application is found by uuid, resource URI, unique name, name and the beginning of its uuid", async () => {
    const { uuid, resource_uri: uri } = await running("web");
    const references = [uuid, uri, "web", uuid.slice(0, 8)];
    for (const reference of references) expect((await tutum.applications.find(reference)).uuid).toBe(uuid);
  });

  test("what is not found says what was looked for", async () => {
    const error = await tutum.applications.find("nothing").catch((error: unknown) => error);
    expect(isTutumLookupError(error) && error.candidates).toEqual([]);
    expect(String(error)).toContain('There is no application with the name, unique name or uuid "nothing".');
  });

  test("two of a name are both listed as candidates", async () => {
    await running("x-1", { name: "x" });
    await running("x-2", { name: "x" });
    const unique = await tutum.applications.find("x");
    expect(unique.unique_name).toBe("x");
    await tutum.waitFor(await tutum.applications.terminate(unique.uuid), ["Terminated"]);
    await running("x-3", { name: "x" });
    const error = await tutum.applications.find("x").catch((error: unknown) => error);
    expect(isTutumLookupError(error) && error.candidates.map(each => each.unique_name).sort()).toEqual([
      "x-2",
      "x-3",
    ]);
    expect(String(error)).toMatch(
      /"x" names more than one application: x-2 \(.+, Running\), x-3 \(.+, Running\)\./,
    );
  });

  test("waiting for a state that does not come ends at once with what came", async () => {
    const failing = await tutum.applications.create({ image: "tutum/start-fails", name: "bad" });
    await expect(tutum.waitFor(failing, ["Running"])).rejects.toThrow(
      /^Application bad \(.+\) is Start failed with 0 of 1 containers running, expected Running\.$/,
    );
  });

  test("progress is told once a change", async () => {
    const seen: string[] = [];
    const created = await tutum.applications.create({
      image: "tutum/redis",
      name: "web",
      target_num_containers: 3,
    });
    await tutum.waitFor(created, ["Running"], {
      onProgress: ({ state, running_num_containers: running }) => seen.push(`${state} ${running}`),
    });
    expect(seen.at(-1)).toBe("Running 3");
    expect(seen.filter((line, n) => line === seen[n - 1])).toEqual([]);
  });

  test("dates are the API's texts, and read on request", async () => {
    const created = await tutum.applications.create({ image: "tutum/redis", name: "web" });
    expect(parseDatetime(created.deployed_datetime)).toBeNull();
    const { deployed_datetime: text } = await tutum.waitFor(created, ["Running"]);
    expect(text).toMatch(/^\w{3}, \d{1,2} \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
    expect(Math.abs((parseDatetime(text)?.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("a wrong key is an authorization error", async () => {
    const stranger = new TutumClient({ endpoint: server.url, user: "x", apikey: "y", env: {} });
    const error = await stranger.applications.page().catch((error: unknown) => error);
    expect([isTutumAuthError(error), isTutumApiError(error), error instanceof TutumAuthError]).toEqual([
      true,
      true,
      true,
    ]);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise(setImmediate);
}
