/** Live applications as declarations: what `export` writes. */
import { isDeepStrictEqual } from "node:util";
import { canonical, type Field, type Values } from "../../resource/table/field";
import type { Application } from "../client";
import { applicationFields, type Link } from "../lifecycle/fields";
import type { Declarations } from "./read-services";
import { Text } from "./text";

export interface LiveOptions {
  /** Whether environment variables are declared by value. Otherwise they are secrets to look up. */
  values: boolean;
  /** Whether each adopts the application that it is made from. */
  adopt: boolean;
}

/** Each by its name, or all by their unique names where two have the same name. */
export function declarationsOf(
  applications: readonly Application[],
  { values, adopt }: LiveOptions,
): Declarations {
  const names = applications.map(application => application.name);
  const keyOf = (application: Application) =>
    new Set(names).size === names.length ? application.name : application.unique_name;
  const keys = new Map(applications.map(application => [application.uuid, keyOf(application)]));
  const entries = applications.map(application => {
    const { name, containerEnvvars, linkedToApplication, ...rest } = fieldsOf(application);
    const neighbours = ((linkedToApplication ?? []) as Link[]).filter(link => keys.has(link.application));
    const others = ((linkedToApplication ?? []) as Link[]).filter(link => !keys.has(link.application));
    const links = neighbours.map(link => {
      const target = keys.get(link.application) as string;
      const usual = applications.find(({ uuid }) => uuid === link.application)?.name;
      return link.name === undefined || link.name === usual
        ? target
        : { application: target, name: link.name };
    });
    const args: Values = {
      ...(adopt && { adopt: application.uuid }),
      ...(name !== keyOf(application) && { name }),
      ...rest,
      ...(containerEnvvars !== undefined && {
        containerEnvvars: values ? containerEnvvars : secrets(containerEnvvars as Record<string, string>),
      }),
      ...(others.length > 0 && { linkedToApplication: others }),
      ...(links.length > 0 && { links }),
    };
    return [keyOf(application), args] as const;
  });
  return Object.fromEntries(entries);
}

/** The application's fields, without those that have their default value. */
function fieldsOf(application: Application): Values {
  const fields = Object.entries<Field<Application>>(applicationFields).map(([name, field]) => {
    const value = field.fromWire?.(application, undefined as never);
    const usual = field.derived && (value === "" || (Array.isArray(value) && value.length === 0));
    return [
      name,
      usual || isDeepStrictEqual(canonical(field, value), canonical(field, undefined)) ? undefined : value,
    ];
  });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

function secrets(variables: Record<string, string>): Record<string, Text> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, new Text([value], { secret: true })]),
  );
}
