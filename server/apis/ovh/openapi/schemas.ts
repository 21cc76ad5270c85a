/** What the description of the API says of its values. */
import { FIELD_TYPES, MAX_TTL } from "../model/record-types";

export const text = { type: "string" };
export const number = { type: "integer" };
export const nothing = { type: "null" };
export const anything = { type: "object", additionalProperties: true };
export const texts = { type: "array", items: text };
export const numbers = { type: "array", items: number };

const method = { enum: ["GET", "POST", "PUT", "DELETE"] };
const rule = {
  type: "object",
  required: ["method", "path"],
  properties: { method, path: { type: "string", description: "`*` stands for any text" } },
};

export const credentialRequest = {
  type: "object",
  required: ["accessRules"],
  properties: {
    accessRules: { type: "array", items: rule },
    redirection: { type: ["string", "null"] },
    allowedIPs: { type: ["array", "null"], items: text },
  },
};
export const newCredential = {
  type: "object",
  properties: { consumerKey: text, validationUrl: text, state: { const: "pendingValidation" } },
};
export const credential = {
  type: "object",
  properties: {
    credentialId: number,
    applicationId: number,
    status: { enum: ["expired", "pendingValidation", "refused", "validated"] },
    rules: { type: "array", items: rule },
    creation: text,
    expiration: { type: ["string", "null"] },
    lastUse: { type: ["string", "null"] },
    allowedIPs: { type: ["array", "null"], items: text },
    ovhSupport: { type: "boolean" },
  },
};
export const application = {
  type: "object",
  properties: { applicationId: number, applicationKey: text, name: text, description: text, status: text },
};
export const burst = {
  type: "object",
  properties: {
    status: { enum: ["active", "inactive", "inactiveLocked"] },
    capacity: { type: ["object", "null"], properties: { unit: text, value: { type: "number" } } },
  },
};

const subDomain = { type: "string", description: "relative to the zone; empty: the zone itself" };
const target = { type: "string", description: "without a final dot relative to the zone" };
const ttl = { type: "integer", minimum: 0, maximum: MAX_TTL, description: "0: the zone's" };
export const fieldType = { enum: FIELD_TYPES };

export const recordUpdate = { type: "object", properties: { subDomain, target, ttl } };
export const recordCreate = {
  type: "object",
  required: ["fieldType", "target"],
  properties: { fieldType, subDomain, target, ttl },
};
export const record = {
  type: "object",
  properties: { id: number, zone: text, fieldType, subDomain, target, ttl },
};
export const zone = {
  type: "object",
  properties: {
    name: text,
    nameServers: texts,
    lastUpdate: text,
    dnssecActivated: { type: "boolean" },
    dnssecSupported: { type: "boolean" },
    hasDnsAnycast: { type: "boolean" },
  },
};
