"""TensorFlow's style-transfer tutorial, written from its formulas: the yardstick of the benchmark.

Content layer block5_conv2, five style layers, weights 1e4 (content), 1e-2 (style) and 30 (total variation,
summed), Adam with rate 0.02, beta_1 0.99, epsilon 0.1, starting from the content picture.
https://www.tensorflow.org/tutorials/generative/style_transfer
"""

from nst_utils import FeatureExtractor, gram_matrix
from nst_utils.base.tensorflow import keras, tf
from nst_utils.losses import STYLE_LAYERS, content_loss, style_loss, total_variation_loss

CONTENT_LAYER = "block5_conv2"
CONTENT_WEIGHT, STYLE_WEIGHT, TOTAL_VARIATION_WEIGHT = 1e4, 1e-2, 30


class TutorialLoss:
    """The tutorial's loss as the tutorial computes it: float32, einsum, preprocess_input."""

    def __init__(self, content, style):
        whole = FeatureExtractor([*STYLE_LAYERS, CONTENT_LAYER])
        self.network = whole._model  # its preprocessing is left aside: the tutorial brings its own
        self.style_targets, _ = self.features(tf.constant(style[None]))
        _, self.content_target = self.features(tf.constant(content[None]))

    def features(self, image):
        """Gram matrices of the style layers and the features of the content layer."""
        preprocessed = keras.applications.vgg19.preprocess_input(image * 255.0)
        *style, content = self.network(preprocessed)
        return [self.gram(features) for features in style], content

    @staticmethod
    def gram(features):
        """Sum over positions by einsum, divided by their number."""
        shape = tf.shape(features)
        summed = tf.linalg.einsum("bijc,bijd->bcd", features, features)
        return summed / tf.cast(shape[1] * shape[2], tf.float32)

    def __call__(self, image):
        """The loss of a batch of one, scalar."""
        grams, content = self.features(image)
        style = tf.add_n(
            [tf.reduce_mean((g - t) ** 2) for g, t in zip(grams, self.style_targets, strict=True)]
        )
        loss = style * STYLE_WEIGHT / len(grams)
        loss += tf.reduce_mean((content - self.content_target) ** 2) * CONTENT_WEIGHT
        return loss + TOTAL_VARIATION_WEIGHT * tf.image.total_variation(image)[0]


class CourseLoss:
    """The same loss in the course's parts, in the number format of the course's default."""

    def __init__(self, content, style, precision="auto"):
        self.extractor = FeatureExtractor([*STYLE_LAYERS, CONTENT_LAYER], precision=precision)
        features = self.extractor(style)
        self.style_targets = {layer: gram_matrix(features[layer]) for layer in STYLE_LAYERS}
        self.content_target = self.extractor(content)[CONTENT_LAYER]

    def __call__(self, image):
        """The loss of a batch of one, scalar."""
        features = self.extractor(image)
        style = [
            style_loss(gram_matrix(features[layer]), target, "tensorflow")
            for layer, target in self.style_targets.items()
        ]
        content = content_loss(features[CONTENT_LAYER], self.content_target, "tensorflow")
        variation = total_variation_loss(image, "tensorflow")
        style = tf.add_n(style) / len(style)
        return STYLE_WEIGHT * style + CONTENT_WEIGHT * content + TOTAL_VARIATION_WEIGHT * variation


def make_tutorial_step(loss, image):
    """The tutorial's training step for a variable ``(1, height, width, 3)``."""
    optimizer = keras.optimizers.Adam(learning_rate=0.02, beta_1=0.99, epsilon=1e-1)
    optimizer.build([image])

    @tf.function
    def train_step():
        with tf.GradientTape() as tape:
            value = loss(image)
        optimizer.apply_gradients([(tape.gradient(value, image), image)])
        image.assign(tf.clip_by_value(image, 0.0, 1.0))
        return value

    return train_step
