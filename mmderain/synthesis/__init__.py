"""Rain over clean clips: in the air and on the lens."""

from mmderain.synthesis.camera import Camera
from mmderain.synthesis.degradation import DegradationSettings
from mmderain.synthesis.free_pictures import FREE_PICTURES, free_picture
from mmderain.synthesis.fresh_streaks import FreshStreaks, FreshStreakSettings
from mmderain.synthesis.motion import camera_clip, camera_frames
from mmderain.synthesis.occlusions import (
    OcclusionSettings,
    RainOcclusions,
    hybrid_frame,
)
from mmderain.synthesis.presets import PRESETS, RainSettings, preset_settings
from mmderain.synthesis.raindrops import Raindrops, RaindropSettings
from mmderain.synthesis.renderer import (
    RainRenderer,
    RainyFrame,
    sequence_rng,
)
from mmderain.synthesis.scenes import SceneSettings
from mmderain.synthesis.streaks import RainStreaks, StreakSettings
from mmderain.synthesis.training_clips import (
    TrainingClip,
    TrainingClipRenderer,
    TrainingClipSettings,
)
from mmderain.synthesis.varied_rain import VariedRain, VariedRainSettings
from mmderain.synthesis.varied_renderer import RainyPair, VariedRainRenderer

__all__ = [
    'FREE_PICTURES', 'PRESETS', 'Camera', 'DegradationSettings',
    'FreshStreakSettings', 'FreshStreaks', 'OcclusionSettings',
    'RainOcclusions', 'RainRenderer', 'RainSettings', 'RainStreaks',
    'RaindropSettings', 'Raindrops', 'RainyFrame', 'RainyPair',
    'SceneSettings', 'StreakSettings', 'TrainingClip', 'TrainingClipRenderer',
    'TrainingClipSettings', 'VariedRain', 'VariedRainRenderer',
    'VariedRainSettings', 'camera_clip', 'camera_frames', 'free_picture',
    'hybrid_frame', 'preset_settings', 'sequence_rng']
