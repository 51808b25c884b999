"""Rain over clean clips: in the air and on the lens."""

from mmderain.synthesis.camera import Camera
from mmderain.synthesis.fresh_streaks import FreshStreaks, FreshStreakSettings
from mmderain.synthesis.hybrid import (
    OcclusionSettings,
    RainOcclusions,
    hybrid_frame,
)
from mmderain.synthesis.motion import camera_clip, camera_frames
from mmderain.synthesis.presets import PRESETS, RainSettings, preset_settings
from mmderain.synthesis.raindrops import Raindrops, RaindropSettings
from mmderain.synthesis.renderer import (
    RainRenderer,
    RainyFrame,
    sequence_rng,
)
from mmderain.synthesis.streaks import RainStreaks, StreakSettings

__all__ = [
    'PRESETS', 'Camera', 'FreshStreakSettings', 'FreshStreaks',
    'OcclusionSettings', 'RainOcclusions', 'RainRenderer', 'RainSettings',
    'RainStreaks', 'RaindropSettings', 'Raindrops', 'RainyFrame',
    'StreakSettings', 'camera_clip', 'camera_frames', 'hybrid_frame',
    'preset_settings', 'sequence_rng']
