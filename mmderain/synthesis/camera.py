"""The pinhole camera that turns metres and seconds into pixels."""

from dataclasses import dataclass

from mmderain.errors import UserError

MIN_SIDE = 32  # pixels; a smaller frame holds no recognisable rain


def check_number(owner: object, name: str, low: float, high: float) -> None:
    """Refuse a setting outside [low, high].

    Args:
        owner: The settings object; its class names it in the message.
        name: The field, a number or a tuple of numbers in rising order.
        low: Smallest value allowed.
        high: Largest value allowed.

    Raises:
        UserError: Outside the range, or a tuple that does not rise.
    """
    value = getattr(owner, name)
    values = value if isinstance(value, tuple) else (value,)
    if not (values and all(low <= item <= high for item in values)
            and list(values) == sorted(values)):
        shape = 'rising values' if isinstance(value, tuple) else 'a number'
        raise UserError(
            f'{type(owner).__name__}.{name}: expected {shape} from {low} to '
            f'{high}, got {value!r}. Give it a value in that range.')


def check_ranges(settings: object, **bounds: tuple[float, float]) -> None:
    """Refuse settings outside their bounds; a tuple has two rising values.

    Args:
        settings: The settings object.
        bounds: Lowest and highest value of each field.

    Raises:
        UserError: A value is out of range.
    """
    for name, (low, high) in bounds.items():
        check_number(settings, name, low, high)
        value = getattr(settings, name)
        if isinstance(value, tuple) and len(value) != 2:
            raise UserError(
                f'{type(settings).__name__}.{name}: expected a smallest and '
                f'a largest value, got {value}.')


def check_size(size: tuple[int, int], what: str) -> None:
    """Refuse frames too small to show rain.

    Args:
        size: (height, width) in pixels.
        what: The frame's name, for the message.

    Raises:
        UserError: A side is under 32 pixels.
    """
    height, width = size
    if min(height, width) < MIN_SIDE:
        raise UserError(
            f'{what}: expected at least {MIN_SIDE} pixels per side, got '
            f'{height}x{width}. Use larger frames.')


@dataclass(frozen=True)
class Camera:
    """A pinhole camera whose lens is focused at infinity.

    All that is measured in pixels follows from the frame's width, so that the
    same rain looks alike at 128 and at 1280 pixels.

    Args:
        focal: Focal length in frame widths; 1 is a view 53 degrees wide.
        aperture: Width of the lens opening in mm. It blurs near streaks: a
            point at depth z becomes ``aperture * focal / z`` wide.
        exposure: Exposure time in seconds; a drop is seen as a streak as long
            as it falls in that time.
        fps: Frames per second.

    Raises:
        UserError: A value is out of range, or the exposure is longer than a
            frame lasts.
    """

    focal: float = 1.0
    aperture: float = 8.0
    exposure: float = 0.025
    fps: float = 25.0

    def __post_init__(self) -> None:
        check_ranges(self, focal=(0.3, 10), aperture=(0, 50), fps=(1, 1000))
        check_ranges(self, exposure=(1e-5, 1 / self.fps))

    def pixels_per_metre(self, width: int, depth: float) -> float:
        """How many pixels a metre takes at a depth (arrays will do too).

        Args:
            width: Frame width in pixels.
            depth: In metres, from the camera.
        """
        return self.focal * width / depth
