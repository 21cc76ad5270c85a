/** One program, several contenders: the environment says which of them declares its applications. */
const { BENCH_CONTENDER = "ours" } = process.env;

require(`./${BENCH_CONTENDER}`);
