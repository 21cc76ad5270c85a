import { COMPOSE_KEYS, DEPLOY_KEYS, SERVICE_KEYS } from "../../../provider/tutum/stack-file/keys";

/** The keys of the Compose specification's schema, November 2026. */
const SERVICE = `annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs
  container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset
  credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname entrypoint
  env_file environment expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc
  isolation label_file labels links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models
  network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged
  profiles provider pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size
  stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts
  volumes volumes_from working_dir`;
const DEPLOY =
  "endpoint_mode labels mode placement replicas resources restart_policy rollback_config update_config";
const FILE = "configs include models name networks secrets services version volumes";
/** The keys that Tutum documented, those that it documented as not supported among them. */
const TUTUM = `autodestroy autoredeploy autorestart build cap_add cap_drop command cpu_shares deployment_strategy dns
  dns_search domainname entrypoint env_file environment expose external_links hostname image links mem_limit net ports
  privileged roles sequential_deployment stdin_open tags target_num_containers tty user volumes volumes_from
  working_dir`;

const words = (text: string) => text.split(/\s+/);

describe("keys", () => {
  test.each([
    ["a service of Compose", SERVICE, SERVICE_KEYS],
    ["deploy", DEPLOY, DEPLOY_KEYS],
    ["a Compose file", FILE, COMPOSE_KEYS],
    ["Tutum's stack file", TUTUM, SERVICE_KEYS],
  ])("every key of %s has a verdict", (_what, keys, table) => {
    expect(words(keys).filter(key => !Object.hasOwn(table, key))).toEqual([]);
  });

  test("an error is what containers would notice, a warning what they would not", () => {
    const verdicts = (verdict: string) =>
      Object.keys(SERVICE_KEYS)
        .filter(key => SERVICE_KEYS[key]?.verdict === verdict)
        .sort();
    expect({ error: verdicts("error"), warning: verdicts("warning") }).toEqual({
      error: words(
        `cap_add cap_drop cgroup configs credential_spec device_cgroup_rules devices dns dns_opt dns_search domainname
        external_links extra_hosts gpus group_add hostname ipc isolation mac_address models net network_mode pid
        post_start pre_stop privileged provider read_only runtime secrets security_opt shm_size stdin_open stop_signal
        sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volume_driver volumes volumes_from working_dir`,
      ),
      warning: words(
        `annotations attach autoredeploy blkio_config cgroup_parent cpu_count cpu_percent cpu_period cpu_quota
        cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset develop expose healthcheck init label_file labels log_driver
        log_opt logging mem_limit mem_reservation mem_swappiness memswap_limit oom_kill_disable oom_score_adj pids_limit
        platform pull_policy pull_refresh_after sequential_deployment stop_grace_period storage_opt tags`,
      ),
    });
  });
});
