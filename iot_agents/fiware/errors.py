"""What FIWARE's IoT agents answer when something is wrong: a name, a message and a status."""


class IotError(Exception):
    """`{"name": …, "message": …}` with `status`; the names are those of iotagent-node-lib."""

    name = "INTERNAL_ERROR"
    status = 500

    def body(self) -> dict[str, str]:
        return {"name": self.name, "message": str(self)}


class MissingHeaders(IotError):
    name = "MISSING_HEADERS"
    status = 400

    def __init__(self, missing: str) -> None:
        super().__init__(f"Some headers were missing from the request: {missing}")


class WrongSyntax(IotError):
    name = "WRONG_SYNTAX"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"Wrong syntax in request: {reason}")


class BadRequest(IotError):
    name = "BAD_REQUEST"
    status = 400

    def __init__(self, reason: str) -> None:
        super().__init__(f"Request error connecting to the Context Broker: {reason}")


class MissingConfigParams(IotError):
    name = "MISSING_CONFIG_PARAMS"
    status = 400

    def __init__(self, missing: str) -> None:
        super().__init__(f"The following mandatory configuration parameters were missing: {missing}")


class MissingAttributes(IotError):
    name = "MISSING_ATTRIBUTES"
    status = 400

    def __init__(self, missing: str) -> None:
        super().__init__(f"The request was not well formed:Missing attributes: {missing}")


class DuplicateDevice(IotError):
    name = "DUPLICATE_DEVICE_ID"
    status = 409

    def __init__(self, device_id: str) -> None:
        super().__init__(f"A device with the same info (DeviceId, ApiKey, Service, Subservice) was found:{device_id}")


class DuplicateGroup(IotError):
    name = "DUPLICATE_GROUP"
    status = 409

    def __init__(self, resource: str, apikey: str) -> None:
        super().__init__(
            f"A device configuration already exists for resource {resource} and API Key {apikey}: "
            "delete it, or change it with PUT"
        )


class DeviceNotFound(IotError):
    name = "DEVICE_NOT_FOUND"
    status = 404

    def __init__(self, device_id: str) -> None:
        super().__init__(f"No device was found with id:{device_id}")


class GroupNotFound(IotError):
    name = "DEVICE_GROUP_NOT_FOUND"
    status = 404

    def __init__(self, fields: str) -> None:
        super().__init__(f"Couldn't find device group for {fields}")


class MismatchedService(IotError):
    name = "MISMATCHED_SERVICE"
    status = 403

    def __init__(self) -> None:
        super().__init__("The declared service didn't match the stored one in the entity")


class CommandNotFound(IotError):
    name = "COMMAND_NOT_FOUND"
    status = 400

    def __init__(self, command: str, device_id: str) -> None:
        super().__init__(
            f"Couldn't update the command because no command with the name [{command}] was found with {device_id}"
        )


class MandatoryParamsNotFound(IotError):
    name = "MANDATORY_PARAMS_NOT_FOUND"
    status = 400

    def __init__(self, missing: str) -> None:
        super().__init__(f"Some of the mandatory params weren't found in the request: {missing}")


class UnsupportedType(IotError):
    name = "UNSUPPORTED_TYPE"
    status = 400

    def __init__(self, expected: str) -> None:
        super().__init__(f"Unsupported content type. Expected type is [{expected}]")


class BadMeasure(IotError):
    """A measure over HTTP that came to nothing: `reason` as among the rejects."""

    name = "BAD_PAYLOAD"
    status = 400


class TooLarge(IotError):
    name = "PAYLOAD_TOO_LARGE"
    status = 413

    def __init__(self, allowed: int) -> None:
        super().__init__(f"The body is larger than {allowed} bytes: send less at once")


class NotSupported(IotError):
    name = "METHOD_NOT_IMPLEMENTED"
    status = 501

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"IoT Agents do not support the endpoint: {method} {path}")
